// What a connection is made of and what it says of itself; no rule of the protocol stands here.
//
// See connection.h for the doors and which file holds which. The values that follow from several
// pieces at once (effective MSS, backlog, window space) are computed here, once.
#include "tcp/connection.h"

#include <algorithm>

#include "tcp/connection_statistics.h"

namespace oriel::tcp {
namespace {

constexpr std::uint32_t kTimestampOptionBytes = 12;  // RFC 7323 appendix A, with two NOPs
// A waiting sender is told of room when a third of the buffer is free, as it would be woken for
// nothing more often; never more than this much, so that a large buffer is refilled in useful
// pieces.
constexpr std::uint64_t kRoomNoticeBytesMax = 256u << 10;

// What a socket asks for that asked for nothing.
const TcpSocketOptions kDefaultOptions;

}  // namespace

Connection::Connection(const Setup& setup)
    : path_mss_(setup.path_mss),
      peer_mss_(setup.peer_mss),
      config_(setup.config),
      pool_(setup.pool),
      timestamp_offset_(setup.timestamp_offset) {
  if (setup.options != nullptr) options_ = std::make_unique<TcpSocketOptions>(*setup.options);
  scale_offered_ = window_scale_offer(*config_, options());
  settle_window(-1, path_mss_);
  syn_window_ = syn_window_field(receive_buffer_bytes());
  snd_.iss = setup.iss;
  short_end_ = setup.iss;
  snd_.snd_una = setup.iss;
  snd_.snd_nxt = setup.iss;
}

Connection::~Connection() {
  if (is_sharer_) pool_->add_sharers(-1);
}

Connection::Statistics& Connection::statistics() {
  if (statistics_ == nullptr) statistics_ = std::make_unique<Statistics>();
  return *statistics_;
}

Connection::Sender& Connection::make_sender() {
  sender_.reset(new Sender{{},
                           {},
                           {config_->congestion_control, config_->cc, smss_},
                           IdealSendBacklog(memory_share_now())});
  if (ideal_send_backlog() != IdealSendBacklog::kInitialBytes) events_ |= event::kBacklogChanged;
  return *sender_;
}

const TcpSocketOptions& Connection::options() const {
  return options_ == nullptr ? kDefaultOptions : *options_;
}

SeqNum Connection::snd_front() const {
  return snd_.snd_una == snd_.iss ? snd_.iss + 1 : snd_.snd_una;
}

SeqNum Connection::stream_end() const {
  return snd_front() + static_cast<std::uint32_t>(snd_buffer_.size());
}

bool Connection::has_unsent() const {
  if (!may_send_text()) return false;
  return seq_lt(snd_.snd_nxt, stream_end()) || is_fin_queued_;
}

bool Connection::may_send_text() const {
  if (is_fin_sent_) return false;
  switch (state_) {
    case TcpState::kEstablished:
    case TcpState::kCloseWait:
    case TcpState::kFinWait1:
    case TcpState::kClosing:
    case TcpState::kLastAck:
      return true;
    case TcpState::kClosed:
    case TcpState::kListen:
    case TcpState::kSynSent:
    case TcpState::kSynReceived:
    case TcpState::kFinWait2:
    case TcpState::kTimeWait:
      return false;
  }
  return false;
}

std::uint64_t Connection::send_buffer_target() const {
  if (options().snd_buffer_bytes != 0) return options().snd_buffer_bytes;
  if (!config_->is_snd_autotuning) return config_->snd_buffer_initial_bytes;
  if (sender_ == nullptr) {
    return std::min<std::uint64_t>(IdealSendBacklog::kInitialBytes, memory_share_now());
  }
  return std::min(sender_->backlog.snd_buffer_target_bytes(), config_->snd_buffer_bytes_max);
}

std::size_t Connection::send_room() const {
  const std::uint64_t target = send_buffer_target();
  return target > snd_buffer_.size() ? static_cast<std::size_t>(target - snd_buffer_.size()) : 0;
}

std::uint64_t Connection::bytes_acked() const {
  return statistics_ == nullptr ? 0 : statistics_->bytes_acked;
}

std::uint64_t Connection::bytes_queued() const {
  return bytes_acked() + snd_buffer_.size();
}

bool Connection::is_at_end_of_stream() const {
  // A reset behind the FIN discarded what was unread: that is an error, not the end of the stream.
  return is_fin_received_ && rcv_buffer_.empty() && error_ == ErrorCode::kOk;
}

std::uint32_t Connection::ideal_send_backlog() const {
  return sender_ == nullptr ? IdealSendBacklog::kInitialBytes : sender_->backlog.backlog_bytes();
}

void Connection::settle_window(std::int8_t scale, std::uint16_t mss) {
  const ReceiveLimits limits = receive_limits(*config_, options(), scale, mss);
  autotune_ = RcvAutotune({limits.initial_bytes, limits.ceiling_bytes, limits.is_autotuning});
}

std::uint32_t Connection::receive_space() const {
  const std::uint32_t buffer = receive_buffer_bytes();
  return buffer > rcv_buffer_.size() ? buffer - rcv_buffer_.size() : 0;
}

// Millisecond ticks (RFC 7323 5.4: 1 ms to 1 s a tick), offset per connection.
std::uint32_t Connection::timestamp(Instant now) const {
  return static_cast<std::uint32_t>(now.ns / 1'000'000) + timestamp_offset_;
}

KeepaliveLimits Connection::keepalive_limits() const {
  return limits().keepalive;
}

void Connection::update_send_mss() {
  std::uint32_t mss = std::min<std::uint32_t>({path_mss_, peer_mss_, config_->mss_max});
  if (has_timestamps_) mss -= kTimestampOptionBytes;
  if (mss == smss_) return;
  const bool is_smaller = mss < smss_;
  smss_ = static_cast<std::uint16_t>(mss);
  if (sender_ == nullptr) return;
  sender_->cc.on_mss_change(smss_);
  if (is_smaller && !sender_->board.is_empty()) sender_->board.resegment(smss_);
}

// In fast recovery PRR has the word (RFC 6937), else congestion control.
std::uint32_t Connection::cwnd_in_force(const CongestionControl& cc) const {
  const bool is_prr = sender_ != nullptr && sender_->recovery.phase() == RecoveryPhase::kRecovery;
  return is_prr ? sender_->recovery.prr_cwnd() : cc.cwnd();
}

void Connection::update_backlog(Instant now, std::uint32_t acked, std::uint32_t delivered_bytes,
                                std::uint32_t flight_before) {
  if (sender_ == nullptr) return;
  if (is_fin_queued_) return sender_->backlog.disarm();
  IsbInput in;
  in.now = now;
  in.delivered_bytes = delivered_bytes;
  in.flight_size = flight_before;
  in.buffered_bytes = snd_buffer_.size() + acked;
  in.is_idle = is_send_idle();
  in.cwnd = sender_->cc.cwnd();
  in.snd_wnd = snd_.snd_wnd;
  in.is_in_slow_start = sender_->cc.is_in_slow_start();
  in.srtt = rtt_.srtt();
  in.rtt_min = rtt_.rtt_min();
  in.memory_share_bytes = memory_share_now();
  in.bytes_max = config_->snd_buffer_bytes_max;
  if (sender_->backlog.on_ack(in)) events_ |= event::kBacklogChanged;
  notify_room();
}

// Blocks are larger than what lies in them: what they waste counts, too.
std::uint64_t Connection::memory_share_now() const {
  const std::uint64_t held =
      std::max<std::uint64_t>(snd_buffer_.memory_bytes(), snd_buffer_.size());
  const std::uint64_t waste = held - snd_buffer_.size();
  const std::uint64_t share =
      memory_share({pool_->budget(), pool_->bytes_left(), pool_->sharers(), held});
  return share > waste ? share - waste : 0;
}

// Who holds something to send shares the host's memory with the others that do.
void Connection::count_as_sharer() {
  const bool is_sharer = !snd_buffer_.empty();
  if (is_sharer == is_sharer_) return;
  is_sharer_ = is_sharer;
  pool_->add_sharers(is_sharer ? 1 : -1);
}

void Connection::look_at_backlog(Instant now) {
  if (is_fin_queued_) return sender_->backlog.disarm();
  const bool has_changed = sender_->backlog.on_timeout(now, is_send_idle(), memory_share_now());
  if (!has_changed) return;
  events_ |= event::kBacklogChanged;
  notify_room();
}

void Connection::notify_room() {
  if (!is_room_wanted_ || is_fin_queued_) return;
  const std::uint64_t target = send_buffer_target();
  if (send_room() < std::max<std::uint64_t>(1, std::min(target / 3, kRoomNoticeBytesMax))) return;
  is_room_wanted_ = false;
  events_ |= event::kSendRoom;
}

// Text waits, nothing is in flight to bring an ACK, and the window lets nothing out.
void Connection::arm_persist(Instant now) {
  const bool is_stuck = snd_.flight_size() == 0 && has_unsent();
  if (is_stuck) {
    persist_.arm(now, rto(), config_->persist);
  } else {
    persist_.disarm();
  }
}

void Connection::end(ErrorCode reason) {
  state_ = TcpState::kClosed;
  error_ = reason;
  events_ |= reason == ErrorCode::kOk ? event::kClosed : event::kFailed;
  if (sender_ != nullptr) {
    sender_->recovery.disarm();
    sender_->backlog.disarm();
  }
  persist_.disarm();
  keepalive_.disable();
  state_deadline_ = Instant::never();
  ack_policy_.on_ack_sent();
  is_ack_owed_ = false;
  is_syn_owed_ = false;
  snd_buffer_.clear();
  count_as_sharer();
  reassembly_.clear();
  if (reason == ErrorCode::kOk || rcv_buffer_.empty()) return;
  rcv_buffer_.clear();  // RFC 9293 3.10.7.4: queues are flushed on a reset
  is_fin_received_ =
      false;  // and a stream that lost bytes must not look as if it had ended in order
}

Instant Connection::next_deadline() const {
  const Instant sending = sender_ == nullptr
                              ? Instant::never()
                              : earlier(sender_->recovery.deadline(), sender_->backlog.deadline());
  const Instant a = earlier(sending, ack_policy_.deadline());
  const Instant b = earlier(state_deadline_, persist_.deadline());
  return earlier(earlier(a, b), keepalive_.deadline());
}

std::size_t Connection::memory_bytes() const {
  return snd_buffer_.memory_bytes() + rcv_buffer_.memory_bytes() + reassembly_.memory_bytes() +
         (sender_ == nullptr ? 0 : sizeof(Sender) + sender_->board.memory_bytes()) +
         (statistics_ == nullptr ? 0 : sizeof(Statistics));
}

void Connection::fill_info(Instant now, TcpInfo& info) const {
  info.state = state_;
  info.smss = smss_;
  info.rmss = path_mss_;
  info.is_sack_enabled = is_sack_enabled_;
  info.has_timestamps = has_timestamps_;
  info.snd_wind_shift =
      is_scaling_ ? static_cast<std::int8_t>(snd_.snd_wind_shift) : std::int8_t{-1};
  info.rcv_wind_shift =
      is_scaling_ ? static_cast<std::int8_t>(rcv_.rcv_wind_shift) : std::int8_t{-1};
  info.window_scale_sent = scale_sent_;
  info.first_window_field = first_window_field_;
  info.window_bytes_start = std::uint32_t{first_window_field_} << rcv_.rcv_wind_shift;
  info.snd_wnd = snd_.snd_wnd;
  info.rcv_wnd = rcv_.rcv_wnd();
  info.rcv_wnd_max = rcv_.rcv_wnd_max;
  info.rcv_buf = receive_buffer_bytes();
  info.is_rcv_buf_fixed = !autotune_.is_enabled();
  // Before anything was sent, what the first byte will find.
  const CongestionControl& cc =
      sender_ != nullptr ? sender_->cc
                         : CongestionControl(config_->congestion_control, config_->cc, smss_);
  info.congestion_control = cc.name();
  info.cwnd = cwnd_in_force(cc);
  info.ssthresh = cc.ssthresh();
  info.flight_size = snd_.flight_size();
  info.ideal_send_backlog = ideal_send_backlog();
  info.snd_buffered = snd_buffer_.size();
  info.rcv_buffered = rcv_buffer_.size();
  info.urgent_bytes_left = urgent_bytes_left();
  info.srtt = rtt_.srtt();
  info.rttvar = rtt_.rttvar();
  info.rtt_min = rtt_.rtt_min();
  info.rto = rto();
  info.syn_retransmits = syn_retransmits_;
  info.age = now - opened_at_;
  if (statistics_ == nullptr) return;
  const Statistics& s = *statistics_;
  info.bytes_out = s.bytes_out;
  info.bytes_acked = s.bytes_acked;
  info.bytes_in = s.bytes_in;
  info.segments_out = s.segments_out;
  info.segments_in = s.segments_in;
  info.segments_retransmitted = s.segments_retransmitted;
  info.bytes_retransmitted = s.bytes_retransmitted;
  info.fast_retransmit_episodes = s.fast_retransmit_episodes;
  info.timeouts = s.timeouts;
  info.tail_loss_probes = s.tail_loss_probes;
  info.dup_acks_in = s.dup_acks_in;
  info.segments_out_of_order = s.segments_out_of_order;
  info.zero_window_probes = s.zero_window_probes;
}

}  // namespace oriel::tcp
