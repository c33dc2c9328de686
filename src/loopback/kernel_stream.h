// A connection of the kernel's own TCP as a Transport, so that native programs and programs on
// Oriel reach each other on the machine's loopback.
//
//   send --> ::send --> kernel's TCP --> native program        (what finds no room stays outside)
//   receive <-- ::recv <-- kernel's TCP <-- native program
//
// The kernel does everything that TCP does; this end says what happened, in the words of
// transport.h, and answers statistics from TCP_INFO. News come as edges from an FdWatch, so that a
// program that does not read costs nothing. Surprises: bytes count as acknowledged once the kernel
// has them, since it delivers them even if this process ends; and an urgent byte stays in the
// kernel's stream (SO_OOBINLINE), where its distance is what is unread before it and itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "loopback/fd_watch.h"
#include "runtime/unique_fd.h"
#include "socket/transport.h"

namespace oriel::loopback {

/// TcpInfo::congestion_control of these connections.
inline constexpr std::string_view kKernelsOwn = "kernel";

class KernelStream;

/// Who services kernel streams, and frees them.
class KernelStreamOwner {
 public:
  /// The stream has something to tell or to move: service it soon. Bound: O(1).
  virtual void on_kernel_stream_work(KernelStream& stream) = 0;

 protected:
  ~KernelStreamOwner() = default;
};

class KernelStream final : public socket::Transport {
 public:
  struct Setup {
    runtime::UniqueFd fd;  ///< does not block; connecting or connected
    Endpoint local;
    Endpoint remote;
    bool is_connected = false;
  };
  KernelStream(KernelStreamOwner& owner, Setup setup);
  ~KernelStream() = default;

  /// A connection to `remote` that begins now. Errors: kNoBuffers, kAddressInUse,
  /// kConnectionRefused, kNetworkUnreachable.
  static Result<Setup> begin_connect(const std::optional<Endpoint>& local, const Endpoint& remote);

  /// A socket that has the port, and does not listen yet. Errors: kAddressInUse, kPermissionDenied
  /// (the kernel denies the port or has no such address), kNoBuffers.
  static Result<runtime::UniqueFd> hold_port(const Endpoint& at);
  static bool listen_at(int fd);
  /// Connections may begin at a port that is held.
  static void share_port(int fd);
  /// The next that waits. Errors: kWouldBlock (none does), kNoBuffers (no descriptor), others for
  /// one that has gone again.
  static Result<Setup> accept_from(int listener);

  int fd() const { return fd_.get(); }
  /// In a child of fork: lets go without a word.
  void abandon() { end(ErrorCode::kDeviceLost); }
  /// What the watch saw; service follows.
  void on_event(const FdWatch::Event& event);
  /// Tells the user what happened. Thread: the host's owner, like everything here.
  void service(Instant now);
  /// Nobody uses it, and nothing of a user's memory is left to send.
  bool is_reapable() const { return is_orphan_ && borrowed_.empty() && !is_ready; }

  std::size_t send(Instant now, ByteView bytes) override;
  std::size_t send_whole(Instant now, ByteView bytes) override { return send(now, bytes); }
  bool takes_whole() const override { return false; }
  void send_borrowed(Instant now, ByteView bytes) override;
  void send_urgent(Instant now, std::uint8_t byte) override;
  std::size_t receive(Instant now, ByteSpan out) override;
  std::size_t peek(ByteSpan out, std::size_t offset) const override;
  void shutdown_send(Instant now) override;
  void close(Instant now) override;
  void abort(Instant now, ErrorCode reason) override;
  void detach(Instant now) override;
  void set_options(Instant now, const tcp::TcpSocketOptions& options) override;
  void request_service() override { owner_->on_kernel_stream_work(*this); }

  bool is_connected() const override { return is_connected_ && !is_over_; }
  bool has_ended() const override { return is_over_; }
  ErrorCode error() const override { return error_; }
  std::size_t send_room() const override;
  std::size_t readable_bytes() const override;
  std::uint32_t urgent_bytes_left() const override;
  bool is_at_end_of_stream() const override;
  bool is_send_closed() const override { return is_shut_wanted_; }
  std::uint64_t bytes_acked() const override { return sent_; }
  std::uint64_t bytes_queued() const override { return sent_ + borrowed_bytes_; }
  std::uint32_t ideal_send_backlog() const override;
  void fill_info(Instant now, TcpInfo& info) const override;
  const Endpoint& local() const override { return local_; }
  const Endpoint& remote() const override { return remote_; }

  // The owner's.
  KernelStream* next_ready = nullptr;
  bool is_ready = false;

 private:
  std::size_t send_some(ByteView bytes);
  void flush_borrowed();
  void finish_shutdown();
  void finish_connect();
  void look_for_error();
  std::size_t unread() const;
  std::size_t unread_to_mark() const;
  void end(ErrorCode reason);
  void raise(std::uint16_t events);

  KernelStreamOwner* owner_;
  runtime::UniqueFd fd_;
  const Endpoint local_;
  const Endpoint remote_;
  ErrorCode error_ = ErrorCode::kOk;
  bool is_connected_ = false;
  bool is_over_ = false;
  bool has_room_ = true;
  bool is_room_wanted_ = false;
  bool is_drained_ = false;  ///< the kernel has nothing to read, and no news came since
  bool is_fin_seen_ = false;
  bool is_urgent_pending_ = false;
  bool is_shut_wanted_ = false;
  bool is_orphan_ = false;
  std::uint16_t events_ = 0;
  std::optional<Instant> began_;  ///< first serviced
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
  std::vector<ByteView> borrowed_;
  std::uint64_t borrowed_bytes_ = 0;
};

}  // namespace oriel::loopback
