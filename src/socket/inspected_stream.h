// A byte stream whose bytes pass inspectors on their way, in both directions (include/oriel/
// filter.h, layer kStream): a Transport in front of another, so that streams without inspectors
// know nothing of it.
//
//   socket --send--> inspectors --pending_--> inner          (what did not fit waits in pending_)
//   socket <--receive-- in_ <-- inspectors <-- inner         (at most kInspectedBytesMax ahead)
//
// Positions that the socket counts in (bytes_queued, bytes_acked) are those of its own bytes; marks
// tie them to positions of what left. Borrowed bytes are read where they lie, a chunk at a time as
// there is room, and count as acknowledged when what they became is. The surprise: urgent data
// keeps its place by being a chunk of its own.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "oriel/filter.h"
#include "socket/transport.h"

namespace oriel::socket {

/// Inspected bytes that wait for the program before the window does its work.
inline constexpr std::size_t kInspectedBytesMax = 64u << 10;
/// Chunks whose acknowledgement is told apart; beyond, later ones are told together.
inline constexpr std::size_t kInspectedMarksMax = 4096;

class InspectedStream final : public Transport, public TransportUser {
 public:
  using Inspectors = std::vector<std::unique_ptr<StreamInspector>>;
  /// `inner` outlives it.
  InspectedStream(Transport& inner, Inspectors inspectors)
      : inner_(inner), inspectors_(std::move(inspectors)) {}

  /// Becomes the inner stream's user, and takes what came before. Requires: once, before its own
  /// user.
  void begin(Instant now);

  std::size_t send(Instant now, ByteView bytes) override;
  std::size_t send_whole(Instant now, ByteView bytes) override;
  void send_borrowed(Instant now, ByteView bytes) override;
  void send_urgent(Instant now, std::uint8_t byte) override;
  std::size_t receive(Instant now, ByteSpan out) override;
  std::size_t peek(ByteSpan out, std::size_t offset) const override;
  void shutdown_send(Instant now) override;
  void close(Instant now) override;
  void abort(Instant now, ErrorCode reason) override;
  void detach(Instant now) override;
  void set_options(Instant now, const tcp::TcpSocketOptions& options) override {
    inner_.set_options(now, options);
  }
  void request_service() override { inner_.request_service(); }

  bool is_connected() const override { return inner_.is_connected(); }
  bool has_ended() const override { return inner_.has_ended(); }
  ErrorCode error() const override { return inner_.error(); }
  std::size_t send_room() const override { return is_drained() ? inner_.send_room() : 0; }
  std::size_t readable_bytes() const override { return in_.size() - in_read_; }
  std::uint32_t urgent_bytes_left() const override;
  bool is_at_end_of_stream() const override {
    return is_in_ended_ && !is_in_lost_ && readable_bytes() == 0;
  }
  bool is_send_closed() const override { return is_shut_ || inner_.is_send_closed(); }
  std::uint64_t bytes_acked() const override { return acked_; }
  std::uint64_t bytes_queued() const override { return queued_; }
  std::uint32_t ideal_send_backlog() const override { return inner_.ideal_send_backlog(); }
  void fill_info(Instant now, TcpInfo& info) const override;
  const Endpoint& local() const override { return inner_.local(); }
  const Endpoint& remote() const override { return inner_.remote(); }

  void on_transport_events(Instant now, Transport& inner, std::uint16_t events) override;

 private:
  struct Mark {
    std::uint64_t own;    // the socket's bytes up to here
    std::uint64_t inner;  // have become the inner stream's bytes up to here
  };
  enum class Fit : std::uint8_t { kRoom, kWhole };

  bool is_drained() const { return pending_.empty() && borrowed_.empty(); }
  bool inspect(Instant now, StreamChunk chunk, std::vector<std::uint8_t>& out);
  bool send_chunk(Instant now, ByteView bytes, bool is_end, Fit fit);
  void flush(Instant now, Fit fit);
  void note_mark();
  void note_acks();
  void pump_out(Instant now);
  void finish_sending(Instant now);
  void pump_in(Instant now);
  void take_in(Instant now, std::size_t bytes, bool is_urgent);
  void forget_bytes();

  Transport& inner_;
  Inspectors inspectors_;
  std::vector<std::uint8_t> scratch_;      // inspect's, and what take_in reads into
  std::vector<std::uint8_t> replacement_;  // inspect's

  std::vector<std::uint8_t> pending_;  // inspected, no room yet
  std::deque<ByteView> borrowed_;      // not inspected yet
  std::deque<Mark> marks_;
  std::uint64_t queued_ = 0;
  std::uint64_t taken_ = 0;  // of queued_: inspected
  std::uint64_t acked_ = 0;
  bool is_shut_ = false;          // nothing more from the socket
  bool is_end_told_ = false;      // to the inspectors, outbound
  bool is_close_wanted_ = false;  // once all is away

  std::vector<std::uint8_t> in_;  // inspected, the program's from in_read_ on
  std::size_t in_read_ = 0;
  std::uint64_t in_begin_ = 0;    // stream position of in_[0]
  std::uint64_t urgent_end_ = 0;  // stream position after an urgent byte in in_; 0: none
  bool is_in_ended_ = false;
  bool is_in_lost_ = false;  // bytes were thrown away: the end must not look orderly
};

}  // namespace oriel::socket
