// Bytes through the inspectors. A reset, or a replacement beyond its limit, aborts the inner
// stream; its events then tell everybody.
#include "socket/inspected_stream.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace oriel::socket {

void InspectedStream::begin(Instant now) {
  inner_.set_user(this);
  pump_in(now);
}

// `out` gets what the last inspector gives. False: the connection is reset.
bool InspectedStream::inspect(Instant now, StreamChunk chunk, std::vector<std::uint8_t>& out) {
  for (const auto& inspector : inspectors_) {
    if (chunk.bytes.empty() && !chunk.is_end) break;
    replacement_.clear();
    switch (inspector->inspect(chunk, replacement_)) {
      case StreamVerdict::kPass:
        continue;
      case StreamVerdict::kReplace:
        break;
      case StreamVerdict::kReset:
        abort(now, ErrorCode::kConnectionAborted);
        return false;
    }
    if (replacement_.size() > kStreamReplacementBytesMax) {
      abort(now, ErrorCode::kConnectionAborted);
      return false;
    }
    std::swap(out, replacement_);
    chunk.bytes = out;
  }
  if (chunk.bytes.data() != out.data() || chunk.bytes.size() != out.size()) {
    out.assign(chunk.bytes.begin(), chunk.bytes.end());
  }
  return true;
}

// --- out

void InspectedStream::note_mark() {
  const Mark mark{taken_, inner_.bytes_queued() + pending_.size()};
  if (marks_.size() < kInspectedMarksMax) {
    marks_.push_back(mark);
  } else {
    marks_.back() = mark;
  }
  note_acks();
}

void InspectedStream::note_acks() {
  const std::uint64_t inner_acked = inner_.bytes_acked();
  while (!marks_.empty() && marks_.front().inner <= inner_acked) {
    acked_ = marks_.front().own;
    marks_.pop_front();
  }
}

// What does not fit stays; the inner stream tells when there is room again.
void InspectedStream::flush(Instant now, Fit fit) {
  if (pending_.empty()) return;
  const std::size_t n =
      fit == Fit::kWhole ? inner_.send_whole(now, pending_) : inner_.send(now, pending_);
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(n));
}

bool InspectedStream::send_chunk(Instant now, ByteView bytes, bool is_end, Fit fit) {
  StreamChunk chunk;
  chunk.direction = FilterDirection::kOutbound;
  chunk.bytes = bytes;
  chunk.is_end = is_end;
  std::vector<std::uint8_t> out = std::move(scratch_);
  out.clear();
  const bool is_sound = inspect(now, chunk, out);
  if (is_sound) {
    taken_ += bytes.size();
    pending_.insert(pending_.end(), out.begin(), out.end());
    flush(now, fit);
    note_mark();
  }
  scratch_ = std::move(out);
  return is_sound;
}

std::size_t InspectedStream::send(Instant now, ByteView bytes) {
  std::size_t done = 0;
  while (done < bytes.size() && is_drained() && !is_send_closed() && !has_ended()) {
    const ByteView chunk = bytes.subspan(done, std::min(bytes.size() - done, kStreamChunkBytesMax));
    queued_ += chunk.size();
    if (!send_chunk(now, chunk, false, Fit::kRoom)) return 0;
    done += chunk.size();
  }
  return done;
}

std::size_t InspectedStream::send_whole(Instant now, ByteView bytes) {
  if (!borrowed_.empty() || is_send_closed() || has_ended()) return 0;
  for (std::size_t done = 0; done < bytes.size();) {
    const ByteView chunk = bytes.subspan(done, std::min(bytes.size() - done, kStreamChunkBytesMax));
    queued_ += chunk.size();
    if (!send_chunk(now, chunk, false, Fit::kWhole)) return 0;
    done += chunk.size();
  }
  return bytes.size();
}

void InspectedStream::send_borrowed(Instant now, ByteView bytes) {
  if (is_send_closed() || has_ended()) return;
  queued_ += bytes.size();
  borrowed_.push_back(bytes);
  pump_out(now);
}

// The last byte of what it became is the urgent one.
void InspectedStream::send_urgent(Instant now, std::uint8_t byte) {
  if (is_send_closed() || has_ended()) return;
  StreamChunk chunk;
  chunk.bytes = {&byte, 1};
  chunk.is_urgent = true;
  std::vector<std::uint8_t> out;
  ++queued_;
  if (!inspect(now, chunk, out)) return;
  ++taken_;
  if (!out.empty()) {
    pending_.insert(pending_.end(), out.begin(), out.end() - 1);
    flush(now, Fit::kWhole);
    if (pending_.empty()) {
      inner_.send_urgent(now, out.back());
    } else {
      pending_.push_back(out.back());  // no memory: it loses its urgency, not its place
    }
  }
  note_mark();
}

void InspectedStream::pump_out(Instant now) {
  flush(now, Fit::kRoom);
  while (pending_.empty() && !borrowed_.empty() && !has_ended()) {
    ByteView& first = borrowed_.front();
    const ByteView chunk = first.first(std::min(first.size(), kStreamChunkBytesMax));
    first = first.subspan(chunk.size());
    const bool is_used_up = first.empty();
    if (!send_chunk(now, chunk, false, Fit::kRoom)) return;
    if (is_used_up) borrowed_.pop_front();
  }
}

// Once all is inspected and away, the inspectors hear of the end, and the FIN follows.
void InspectedStream::finish_sending(Instant now) {
  if (!is_shut_ || !borrowed_.empty() || has_ended()) return;
  if (!is_end_told_) {
    is_end_told_ = true;
    if (!send_chunk(now, {}, true, Fit::kWhole)) return;
  }
  flush(now, Fit::kWhole);
  if (!pending_.empty()) return;
  if (!inner_.is_send_closed()) inner_.shutdown_send(now);
  if (is_close_wanted_) inner_.close(now);
}

void InspectedStream::shutdown_send(Instant now) {
  is_shut_ = true;
  finish_sending(now);
}

// Bytes that nobody will read reset the connection, as they do without inspectors (RFC 2525 2.17).
void InspectedStream::close(Instant now) {
  if (readable_bytes() != 0) return abort(now, ErrorCode::kConnectionAborted);
  is_shut_ = is_close_wanted_ = true;
  finish_sending(now);
}

void InspectedStream::abort(Instant now, ErrorCode reason) {
  forget_bytes();
  inner_.abort(now, reason);
}

void InspectedStream::detach(Instant now) {
  // Only memory can have held bytes up here: they are lost, so the peer shall know.
  if (!is_drained() && !has_ended()) abort(now, ErrorCode::kNoBuffers);
  inner_.detach(now);
}

void InspectedStream::forget_bytes() {
  pending_.clear();
  borrowed_.clear();
  marks_.clear();
  if (readable_bytes() != 0) is_in_lost_ = true;
  in_begin_ += in_.size();
  in_.clear();
  in_read_ = 0;
  urgent_end_ = 0;
}

// --- in

void InspectedStream::take_in(Instant now, std::size_t bytes, bool is_urgent) {
  std::vector<std::uint8_t> raw(bytes);
  raw.resize(inner_.receive(now, raw));
  StreamChunk chunk;
  chunk.direction = FilterDirection::kInbound;
  chunk.bytes = raw;
  chunk.is_urgent = is_urgent;
  chunk.is_end = bytes == 0;
  std::vector<std::uint8_t> out = std::move(scratch_);
  out.clear();
  if (inspect(now, chunk, out)) {
    in_.insert(in_.end(), out.begin(), out.end());
    if (is_urgent && !out.empty()) urgent_end_ = in_begin_ + in_.size();
  }
  scratch_ = std::move(out);
}

void InspectedStream::pump_in(Instant now) {
  if (has_ended() && error() != ErrorCode::kOk) return;
  while (readable_bytes() < kInspectedBytesMax && inner_.readable_bytes() != 0) {
    const std::uint32_t left = inner_.urgent_bytes_left();
    std::size_t bytes = std::min(inner_.readable_bytes(), kStreamChunkBytesMax);
    if (left > 1) bytes = std::min<std::size_t>(bytes, left - 1);
    if (left == 1) bytes = 1;
    take_in(now, bytes, left == 1);
    if (has_ended() && error() != ErrorCode::kOk) return;  // an inspector has reset it
  }
  if (is_in_ended_ || !inner_.is_at_end_of_stream()) return;
  is_in_ended_ = true;
  take_in(now, 0, false);
}

std::size_t InspectedStream::receive(Instant now, ByteSpan out) {
  std::size_t done = 0;
  for (;;) {
    const std::size_t n = std::min(out.size() - done, readable_bytes());
    if (n != 0) std::memcpy(out.data() + done, in_.data() + in_read_, n);
    done += n;
    in_read_ += n;
    if (in_read_ == in_.size()) {
      in_begin_ += in_.size();
      in_.clear();
      in_read_ = 0;
    }
    const std::size_t before = readable_bytes();
    pump_in(now);
    // Nothing new, or the program has what it asked for; a mark ends what one call takes.
    if (done == out.size() || readable_bytes() == before || urgent_bytes_left() != 0) break;
  }
  if (urgent_end_ != 0 && in_begin_ + in_read_ >= urgent_end_) urgent_end_ = 0;
  return done;
}

std::size_t InspectedStream::peek(ByteSpan out, std::size_t offset) const {
  if (offset >= readable_bytes()) return 0;
  const std::size_t n = std::min(out.size(), readable_bytes() - offset);
  std::memcpy(out.data(), in_.data() + in_read_ + offset, n);
  return n;
}

// Of urgent data that is not inspected yet only the distance before inspection is known.
std::uint32_t InspectedStream::urgent_bytes_left() const {
  const std::uint64_t at = in_begin_ + in_read_;
  if (urgent_end_ > at) return static_cast<std::uint32_t>(urgent_end_ - at);
  const std::uint32_t left = inner_.urgent_bytes_left();
  return left == 0 ? 0 : static_cast<std::uint32_t>(readable_bytes()) + left;
}

void InspectedStream::fill_info(Instant now, TcpInfo& info) const {
  inner_.fill_info(now, info);
  info.rcv_buffered += readable_bytes();
  info.urgent_bytes_left = urgent_bytes_left();
}

// --- events

void InspectedStream::on_transport_events(Instant now, Transport& /*inner*/, std::uint16_t events) {
  namespace te = transport_event;
  const std::size_t readable_before = readable_bytes();
  const bool was_ended = is_in_ended_;
  note_acks();
  if ((events & te::kFailed) != 0) {
    forget_bytes();
  } else {
    pump_in(now);
    pump_out(now);
    finish_sending(now);
  }
  std::uint16_t told = events & static_cast<std::uint16_t>(~(te::kReadable | te::kSendRoom));
  const bool is_news = readable_bytes() != readable_before || is_in_ended_ != was_ended;
  if (is_news) told |= te::kReadable;
  if (is_in_ended_ != was_ended) told |= te::kEndOfStream;
  if (send_room() != 0) told |= te::kSendRoom;
  if (user() != nullptr) user()->on_transport_events(now, *this, told);
}

}  // namespace oriel::socket
