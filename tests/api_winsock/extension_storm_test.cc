// Eight threads accept, connect, disconnect and close the same sockets: whatever they do to each
// other, each OVERLAPPED that was taken ends exactly once.
#include <array>
#include <atomic>

#include "api_winsock/extension_case.h"
#include "api_winsock/storm_frame.h"

using namespace extension_case;  // NOLINT(google-build-using-namespace)

namespace {

constexpr std::size_t kSockets = 16;
constexpr int kStepsPerThread = 300;
static_assert(sizeof storm::One::buffer >= 64 + 2 * kBlock);

class Storm {
 public:
  explicit Storm(storm::Tally& tally) : tally_(tally) {
    listener_ = make_listener();
    tally_.watch(listener_);
    name_ = name_of(listener_);
    for (auto& s : sockets_) s = make(true);
  }
  void run(std::size_t thread, storm::Begun& begun) {
    const Functions f(listener_);
    auto random = static_cast<std::uint32_t>(thread * 7919 + 1);
    for (int i = 0; i < kStepsPerThread; ++i) {
      random = random * 1664525 + 1013904223;
      const std::uint32_t draw = random >> 8;
      step(f, draw / kSockets, sockets_[draw % kSockets], storm::add_to(begun));
    }
  }
  // Everything is closed; what is under way ends.
  void close_all() {
    closesocket(listener_);
    for (auto& s : sockets_) closesocket(s);
  }

 private:
  SOCKET make(bool is_bound) {
    const SOCKET s = is_bound ? make_bound() : make_stream();
    tally_.watch(s);
    return s;
  }
  void step(const Functions& f, std::uint32_t what, std::atomic<SOCKET>& place, storm::One& one) {
    const SOCKET s = place;
    OVERLAPPED* const o = &one.overlapped;
    switch (what % 8) {
      case 0:
      case 1:
        one.is_taken = is_begun(f.accept(listener_, s, one.buffer.data(), what % 3 == 0 ? 16 : 0,
                                         kBlock, kBlock, nullptr, o));
        break;
      case 2:
      case 3:
        one.is_taken = is_begun(f.connect(s, as_sockaddr(name_), sizeof name_, one.buffer.data(),
                                          what % 3 == 0 ? 8 : 0, nullptr, o));
        break;
      case 4:
        one.is_taken = is_begun(f.disconnect(s, o, TF_REUSE_SOCKET, 0));
        break;
      case 5:
        one.is_taken = is_begun(f.disconnect(s, o, 0, 0));
        break;
      case 6:
        CancelIoEx(reinterpret_cast<HANDLE>(what % 2 == 0 ? s : listener_), nullptr);
        break;
      default: {
        const SOCKET fresh = make(what % 2 == 0);
        closesocket(place.exchange(fresh));
      }
    }
  }

  storm::Tally& tally_;
  SOCKET listener_ = INVALID_SOCKET;
  sockaddr_in name_{};
  std::array<std::atomic<SOCKET>, kSockets> sockets_{};
};

WIN_CASE(ExtensionStorm, EachCallEndsExactlyOnce) {
  REQ("WS-4");
  const Started started;
  storm::Tally tally;
  Storm storm(tally);
  tally.run([&](std::size_t thread, storm::Begun& begun) { storm.run(thread, begun); });
  storm.close_all();
  tally.check_each_ends_once(storm::kThreads * kStepsPerThread / 16);
}

}  // namespace
