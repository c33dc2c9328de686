// A few places a thread, by the head's address. What is remembered goes with the thread.
#include "wsk/way_past.h"

#include <array>
#include <utility>

#include "wsk/socket.h"
#include "wsk/socket_head.h"

namespace oriel::wsk {
namespace {

struct RememberedWay {
  PWSK_SOCKET shown = nullptr;
  const Socket* socket = nullptr;  // only compared: another one may have its address later, but not
                                   // its way
  std::shared_ptr<WayPast> way;
};

struct WayCache {
  static constexpr std::size_t kPlaces = 8;  // a power of two
  std::array<RememberedWay, kPlaces> places;

  RememberedWay& place_of(PWSK_SOCKET shown) {
    return places[reinterpret_cast<std::uintptr_t>(shown) / sizeof(SocketHead) % kPlaces];
  }
};

// A plain pointer costs no guard at each look; the holder frees it with the thread.
thread_local WayCache* ways_of_this_thread = nullptr;
struct WayHolder {
  ~WayHolder() { delete std::exchange(ways_of_this_thread, nullptr); }
};

}  // namespace

WayPast* remembered_way(PWSK_SOCKET shown) {
  if (ways_of_this_thread == nullptr || shown == nullptr) return nullptr;
  const RememberedWay& place = ways_of_this_thread->place_of(shown);
  if (place.shown != shown || !shows(shown, place.socket)) return nullptr;
  return place.way.get();
}

void remember_way(PWSK_SOCKET shown, const Socket& socket) {
  if (socket.way()->lane.load(std::memory_order_acquire) == nullptr) return;
  if (ways_of_this_thread == nullptr) {
    static thread_local WayHolder holder;
    (void)holder;
    ways_of_this_thread = new WayCache;
  }
  RememberedWay& place = ways_of_this_thread->place_of(shown);
  if (place.shown == shown && place.way == socket.way()) return;
  place = {shown, &socket, socket.way()};
}

}  // namespace oriel::wsk
