// A few places a thread, by the handle's number. Remembered lanes go with the thread.
#include "winsock/lane_cache.h"

#include <array>
#include <utility>

#include "winsock/buffer_list.h"
#include "winsock/socket_bindings.h"
#include "winsock/spi_call.h"

namespace oriel::winsock {
namespace {

struct Remembered {
  SOCKET socket = INVALID_SOCKET;
  std::shared_ptr<socket::Lane> lane;
};

struct LaneCache {
  static constexpr std::size_t kPlaces = 16;  // a power of two
  std::array<Remembered, kPlaces> places;
  Remembered offered;
  bool is_taking_offers = false;

  Remembered& place_of(SOCKET s) { return places[s / 4 % kPlaces]; }
};

// A plain pointer costs no guard at each look; the holder frees it with the thread.
thread_local LaneCache* cache_of_this_thread = nullptr;
struct Holder {
  ~Holder() { delete std::exchange(cache_of_this_thread, nullptr); }
};

LaneCache& cache() {
  if (cache_of_this_thread == nullptr) {
    static thread_local Holder holder;
    (void)holder;
    cache_of_this_thread = new LaneCache;
  }
  return *cache_of_this_thread;
}

socket::Lane* lane_of(SOCKET s) {
  if (cache_of_this_thread == nullptr) return nullptr;
  const Remembered& place = cache_of_this_thread->place_of(s);
  return place.socket == s ? place.lane.get() : nullptr;
}

// A socket that is closed by now has told the other end itself.
void ring_peer_of(SOCKET s) {
  const win32::Ref<Socket> socket = find_socket(s);
  if (!socket) return;
  Turn turn(socket->host());
  if (socket->stream() == nullptr || socket->stream()->transport() == nullptr) return;
  socket->stream()->transport()->ring_peer();
}

}  // namespace

LaneSent send_by_lane(SOCKET s, const char* bytes, int length) {
  socket::Lane* const lane = lane_of(s);
  if (lane == nullptr || length <= 0 || is_bad_pointer(bytes)) return {};
  if (stack::ProcessHost::is_forked()) return {};
  const ByteView view(reinterpret_cast<const std::uint8_t*>(bytes),
                      static_cast<std::size_t>(length));
  const socket::Lane::Moved moved = lane->send(view);
  if (moved.must_ring) ring_peer_of(s);
  const bool is_all = moved.bytes == view.size() || (moved.bytes != 0 && !moved.is_patient);
  return {static_cast<int>(moved.bytes), is_all};
}

int receive_by_lane(SOCKET s, char* bytes, int length) {
  socket::Lane* const lane = lane_of(s);
  if (lane == nullptr || length <= 0 || is_bad_pointer(bytes)) return 0;
  if (stack::ProcessHost::is_forked()) return 0;
  const socket::Lane::Moved moved = lane->receive(
      ByteSpan(reinterpret_cast<std::uint8_t*>(bytes), static_cast<std::size_t>(length)));
  if (moved.must_ring) ring_peer_of(s);
  return static_cast<int>(moved.bytes);
}

void offer_lane(SOCKET s, std::shared_ptr<socket::Lane> lane) {
  if (lane == nullptr || cache_of_this_thread == nullptr) return;
  if (cache_of_this_thread->is_taking_offers) {
    cache_of_this_thread->offered = {s, std::move(lane)};
  }
}

LaneOffers::LaneOffers(SOCKET s) : s_(s) {
  cache().is_taking_offers = SocketBindings::instance().find(s) == nullptr;
}

LaneOffers::~LaneOffers() {
  LaneCache& mine = cache();
  mine.is_taking_offers = false;
  if (mine.offered.socket != s_ || mine.offered.lane == nullptr) return;
  Remembered& place = mine.place_of(s_);
  if (place.lane != mine.offered.lane || place.socket != s_) place = mine.offered;
  mine.offered = {};
}

}  // namespace oriel::winsock
