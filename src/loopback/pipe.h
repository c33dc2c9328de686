// One end of a fast loopback connection: a Transport whose bytes go from one end's ring to the
// other end's program, with no segments, timers or acknowledgements between (LFP-7).
//
//   send --copy--> own ring ==shared memory==> peer's receive --copy--> program
//                  (at most the receiver's window; the rest stays with the sender: LFP-8)
//
// Each end runs in its own host, under that host's turn; the ends meet only in the two EndControls.
// `service` looks at what the other end did, moves what waits and tells the user. Whoever blocks
// may wait at the pipe itself (DirectWait), outside any turn, and plain calls may pass it by the
// lane (pipe_lane.h). The surprise: a pipe has no TIME-WAIT and no half-open state, and bytes count
// as acknowledged once they are in the ring, because that is the receiver's buffer; the sender may
// then die without losing them.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/intrusive_list.h"
#include "loopback/byte_ring.h"
#include "loopback/far_side.h"
#include "loopback/pipe_lane.h"
#include "loopback/pipe_looks.h"
#include "socket/transport.h"

namespace oriel::loopback {

class Pipe;
struct InPipeSet {};
struct Waiting {};

/// Who services pipes of this process, and reaches the host at the other end.
class PipeOwner {
 public:
  /// The pipe has something to tell or to move: service it soon. Bound: O(1).
  virtual void on_pipe_work(Pipe& pipe) = 0;
  /// The host of the other end shall service the other end. Bound: O(1), one system call.
  virtual void ring_peer(Pipe& pipe) = 0;
  /// The host waits for the other end: call arm_for_host before it may sleep. Bound: O(1).
  virtual void on_pipe_waits(Pipe& pipe) = 0;
  /// The process at the other end has died: nothing that goes there goes on. Bound: O(pipes).
  virtual void on_peer_death(Pipe& pipe) = 0;

 protected:
  ~PipeOwner() = default;
};

class Pipe final : public socket::Transport,
                   public ListHook<InPipeSet>,
                   public ListHook<Waiting>,
                   private socket::DirectWait {
 public:
  /// What a connection begins with.
  struct Setup {
    Endpoint local;
    Endpoint remote;
    OwnEnd own;                  ///< as reset_end left it
    std::uint32_t own_slot = 0;  ///< the maker's name for it
    std::uint32_t own_generation = 0;
    PeerEnd peer;
    std::uint32_t peer_generation = 0;
    std::shared_ptr<FarSide>
        across;                  ///< of the other process; nullptr: the other end is of this one
    std::uint32_t far_slot = 0;  ///< its word for its end
    Instant now;
  };
  Pipe(PipeOwner& owner, const Setup& setup);
  ~Pipe() { take_back(); }

  /// The other end has room or bytes, has ended, or is gone: what happened goes to the user. True:
  /// service it again. Thread: the host's owner, like everything here but DirectWait::wait.
  bool service(Instant now);
  /// The other end shall ring this host when what it waits for comes. It may have come: then there
  /// is work at once.
  void arm_for_host();
  /// What the host waits for here and is not armed. A look follows.
  void add_looks(PipeLooks& looks);
  /// The process at the other end has died: as if it had reset the connection (LFP-11).
  void on_peer_died();
  /// In a child of fork: ends here without a word, because the memory is the parent's.
  void abandon();
  /// Nobody uses it, the other end looks at none of its bytes any more, and no thread waits here.
  bool is_reapable() const;
  bool is_orphan() const { return is_orphan_; }
  /// When the other end rang here, or woke a thread, last; its word for it.
  Instant rung_at() const {
    return Instant{peer_.control->woke_at.load(std::memory_order_relaxed)};
  }
  std::uint32_t own_slot() const { return own_slot_; }

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
  void request_service() override {
    is_service_due_ = true;
    owner_->on_pipe_work(*this);
  }

  bool is_connected() const override { return !is_over_; }
  bool has_ended() const override { return is_over_; }
  ErrorCode error() const override { return error_; }
  std::size_t send_room() const override;
  std::size_t readable_bytes() const override;
  std::uint32_t urgent_bytes_left() const override { return is_over_ ? 0 : in().urgent_left(); }
  bool is_at_end_of_stream() const override {
    return readable_bytes() == 0 && !is_over_ && is_fin_seen_;
  }
  void want_readable() override;
  bool is_send_closed() const override { return is_shut_wanted_; }
  std::uint64_t bytes_acked() const override { return out().written(); }
  std::uint64_t bytes_queued() const override { return out().written() + borrowed_bytes_; }
  std::uint32_t ideal_send_backlog() const override { return kIdealSendBacklog; }
  void fill_info(Instant now, TcpInfo& info) const override;
  const Endpoint& local() const override { return local_; }
  const Endpoint& remote() const override { return remote_; }
  socket::DirectWait* direct_wait() override;
  std::shared_ptr<socket::Lane> lend(const socket::Loan& loan) override;
  bool watch_quiet(socket::QuietWord& out) override;
  void ring_peer() override { owner_->ring_peer(*this); }

  // The owner's.
  Pipe* next_ready = nullptr;
  bool is_ready = false;
  Pipe* twin = nullptr;  ///< the other end, if it is of the same owner
  const std::shared_ptr<FarSide> across;
  const std::uint32_t far_slot;

  /// What an idle connection on loopback answers on Windows, and never another number: there is no
  /// bandwidth-delay product to learn.
  static constexpr std::uint32_t kIdealSendBacklog = 65536;

 private:
  // Looking at the other end.
  void look();
  void look_at_state();
  void look_out_of_turn();
  void break_off() { fail(ErrorCode::kConnectionReset); }

  // Telling the other end.
  void publish_state(EndState state);
  void wake_peer(std::uint32_t kinds);
  void wake_peer_always() { wake_peer(WakePoint::kThread | WakePoint::kHost | WakePoint::kPoll); }

  void write_some(ByteView& bytes);
  void flush_borrowed();
  void finish_shutdown();
  void arm_read();
  /// What the peer's state word is in that state.
  std::uint64_t word_of(EndState state) const {
    return std::uint64_t{peer_generation_} << 32 | static_cast<std::uint32_t>(state);
  }
  void arm_room(std::size_t wanted) const;
  bool has_room_waited_for() const;
  /// The other end reads nothing any more.
  bool is_peer_deaf() const { return peer_state_ >= EndState::kGone; }
  void fail(ErrorCode reason);
  void raise(std::uint16_t events);
  void wake_threads_here();

  // DirectWait.
  std::optional<Ticket> begin(For what, std::size_t wanted) override;
  bool wait(Ticket& ticket, Instant deadline) override;
  void end(const Ticket& ticket) override;
  bool has_moved(const Ticket& ticket) const;
  bool sleep_at_words(Ticket& ticket, Instant deadline) const;

  // The rings, taken back if they were lent.
  RingWriter& out() const { return lane_->out().ring; }
  RingReader& in() const { return lane_->in().ring; }
  void take_back() {
    lane_->out();
    lane_->in();
  }

  PipeOwner* const owner_;
  const Endpoint local_;
  const Endpoint remote_;
  const OwnEnd own_;
  const PeerEnd peer_;
  const LifeSign life_;  ///< of the other process
  const std::uint32_t own_slot_;
  const std::uint32_t own_generation_;
  const std::uint32_t peer_generation_;
  const Instant began_;
  const std::shared_ptr<PipeLane> lane_;
  mutable std::uint64_t room_target_ = 0;  ///< told of room once the peer has consumed up to there
  mutable bool is_room_wanted_ = false;
  std::uint32_t poll_kind_ = 0;           ///< WakePoint::kPoll once somebody has polled here
  bool is_host_reading_ = false;          ///< it waits for bytes, and is not armed
  mutable bool is_host_sending_ = false;  ///< it waits for room, likewise
  EndState state_ = EndState::kOpen;
  EndState peer_state_ = EndState::kOpen;  ///< by the last look
  ErrorCode error_ = ErrorCode::kOk;
  bool is_over_ = false;
  bool is_peer_dead_ = false;  ///< and everybody here knows
  bool is_fin_seen_ = false;
  bool is_shut_wanted_ = false;  ///< shut once what is borrowed is out
  bool is_gone_wanted_ = false;  ///< likewise
  bool is_orphan_ = false;
  bool is_service_due_ = false;  ///< the user asked to be called, whatever happened
  std::uint16_t events_ = 0;
  std::uint32_t threads_reading_ = 0;
  std::uint32_t threads_sending_ = 0;
  std::vector<ByteView> borrowed_;
  std::uint64_t borrowed_bytes_ = 0;
  std::atomic<std::uint32_t> local_signal_{0};  ///< moves when threads here must look again
};

}  // namespace oriel::loopback
