// The network that needs no rights: libslirp in this process, which ends every connection at a
// socket of the kernel.
//
//   host --Ethernet frames--> libslirp --sockets--> the machine's network
//
// A frame that comes out of libslirp, inside `transmit` or `receive`, waits in a queue until the
// next `receive`; an eventfd in the one descriptor says so. Its timers show as `next_deadline`, on
// the real clock.
//
// libslirp closes a socket of the kernel politely also where the stack has sent a reset, and so
// does the kernel when the process is killed. Both must be a reset for the peer: sockets are made
// to end with one, and only an orderly end takes that back (`on_socket_closing`).
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "link/slirp_polls.h"
#include "runtime/unique_fd.h"
#include "oriel/link.h"

struct Slirp;

namespace oriel::link {

using runtime::UniqueFd;

/// Frames from libslirp that wait for the host; more are dropped, as on a full cable.
inline constexpr std::size_t kUserNetFramesMax = 1024;

class UserNet final : public Device {
 public:
  /// nullptr in `slirp()` afterwards: libslirp refused.
  explicit UserNet(const UserNetOptions& options);
  ~UserNet() override;
  UserNet(const UserNet&) = delete;
  UserNet& operator=(const UserNet&) = delete;

  /// Listens on the machine's port. Errors: kAddressInUse, kPermissionDenied, with a sentence.
  Result<void> publish(const PublishedPort& port, const UserNetOptions& options);
  Slirp* slirp() { return slirp_; }

  const DeviceInfo& info() const override { return info_; }
  std::size_t transmit(std::span<const PacketOut> burst) override;
  ErrorCode receive(RxBurst& burst) override;
  int poll_fd() const override { return polls_.fd(); }
  DeviceCounters counters() const override { return counters_; }
  Instant next_deadline() const override { return deadline_; }
  bool has_undelivered() const override { return polls_.has_writers(); }

 private:
  struct Callbacks;  // what libslirp calls, with this object
  struct Timer {
    int id = 0;
    void* opaque = nullptr;
    Instant due = Instant::never();
  };
  void step();
  void on_frame(ByteView frame);
  void on_socket_closing(int fd);
  void show_queue();

  DeviceInfo info_;
  UniqueFd wake_;
  SlirpPolls polls_;
  Slirp* slirp_ = nullptr;
  std::vector<std::unique_ptr<Timer>> timers_;
  Instant deadline_ = Instant::never();
  std::deque<std::vector<std::uint8_t>> queue_;
  std::vector<std::uint8_t> flat_;
  bool is_queue_shown_ = false;    ///< the eventfd is readable
  bool is_reset_passing_ = false;  ///< libslirp is looking at a RST of the host
  DeviceCounters counters_;
};

}  // namespace oriel::link
