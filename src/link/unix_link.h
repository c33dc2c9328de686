// A cable between two processes: whole IP packets over a SOCK_SEQPACKET Unix socket, no rights
// needed.
//
// One end makes the path and listens, the other connects; each message is one packet and nothing
// else. The listener serves one peer at a time and, when it hangs up, the next one. Surprise: the
// listener's `poll_fd` is an epoll descriptor over its two sockets, which reports room to send as
// readable.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "link/unique_fd.h"
#include "oriel/link.h"

namespace oriel::link {

class UnixLink final : public Device {
 public:
  /// The connecting end. Takes a connected socket.
  UnixLink(UniqueFd peer, DeviceInfo info);
  /// The listening end. Takes a listening socket and an epoll descriptor; removes `path` at the
  /// end.
  UnixLink(UniqueFd listener, UniqueFd poll, std::string path, DeviceInfo info);
  ~UnixLink() override;

  const DeviceInfo& info() const override { return info_; }
  std::size_t transmit(std::span<const PacketOut> burst) override;
  ErrorCode receive(RxBurst& burst) override;
  int poll_fd() const override { return poll_ ? poll_.get() : peer_.get(); }
  DeviceCounters counters() const override { return counters_; }

 private:
  bool is_listener() const { return static_cast<bool>(listener_); }
  std::size_t transmit_some(std::span<const PacketOut> burst);
  std::size_t drop(std::size_t packets);
  bool accept_peer();
  void lose_peer();
  void watch_room(bool is_wanted);
  /// False when nothing is waiting or the peer has gone.
  bool receive_one(RxBurst& burst, ByteSpan buffer);

  UniqueFd listener_;
  UniqueFd poll_;
  UniqueFd peer_;
  std::string path_;
  DeviceInfo info_;
  bool is_lost_ = false;
  bool is_watching_room_ = false;
  DeviceCounters counters_;
};

/// Gives a packet socket room for a burst each way. More than the system's limit needs root;
/// without, the kernel cuts the wish to the limit, which also works.
void widen_send_buffer(int fd);

}  // namespace oriel::link
