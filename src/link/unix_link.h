// A cable between two processes: whole IP packets over a SOCK_SEQPACKET Unix socket, no rights
// needed.
//
// One end makes the path and listens, the other connects; each message is one packet and nothing
// else. The listener serves one peer and, when it hangs up, the next one. Two surprises: while it
// has a peer it fills its own queue, so that the kernel refuses another one at once, and its
// `poll_fd` is an epoll descriptor over its two sockets, which reports room to send as readable.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "runtime/unique_fd.h"
#include "oriel/link.h"

namespace oriel::link {

using runtime::UniqueFd;

/// Connections that wait for a listener; Linux takes one more than its backlog.
inline constexpr int kBacklog = 1;
inline constexpr std::size_t kQueuePlaces = kBacklog + 1;

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
  UniqueFd next_in_queue();
  void fill_queue();
  void empty_queue();
  void lose_peer();
  void watch_room(bool is_wanted);
  /// False when nothing is waiting or the peer has gone.
  bool receive_one(RxBurst& burst, ByteSpan buffer);

  UniqueFd listener_;
  UniqueFd poll_;
  UniqueFd peer_;
  std::array<UniqueFd, kQueuePlaces> fillers_;  ///< our own connections in the listener's queue
  std::string path_;
  DeviceInfo info_;
  bool is_lost_ = false;
  bool is_watching_room_ = false;
  DeviceCounters counters_;
};

/// Gives a packet socket room for a burst each way. More than the system's limit needs root;
/// without, the kernel cuts the wish to the limit, which also works.
void widen_send_buffer(int fd);

/// Non-blocking.
UniqueFd packet_socket();
/// 0 or the errno. Requires: the path has room in a sockaddr_un.
int connect_to_path(int fd, const std::string& path);

}  // namespace oriel::link
