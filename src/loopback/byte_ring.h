// The two ends of one direction: a writer with its own memory and a reader that sees it read-only.
//
//   consumed_                      written
//      v                              v
//   ---|######## readable ############|------ room ------|
//      <------------- at most window <= kRingBytes ------>
//
// Each keeps its own position in private memory and never reads it back. What the other says is
// loaded once, checked (it may not go back, nor leave the picture above), and then used from the
// copy; what fails the check ends the connection. No value of the other's memory can make this code
// touch a byte outside the ring. Thread: the connection's owner.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "loopback/end_memory.h"

namespace oriel::loopback {

class RingWriter {
 public:
  RingWriter(const OwnEnd& own, const PeerEnd& peer) : own_(own), peer_(peer) {}

  /// Looks at how far the reader has come and at its window. False: what it says cannot be.
  bool refresh();
  /// Bytes that a write would take, by the last look.
  std::size_t room() const {
    const std::uint64_t in_flight = written_ - consumed_;
    return in_flight < window_ ? static_cast<std::size_t>(window_ - in_flight) : 0;
  }
  /// Copies what fits, at most kPublishBytes, and publishes it. Returns how much.
  std::size_t write(ByteView bytes);
  /// One byte, with the mark of urgent data behind it. Requires: room().
  void write_urgent(std::uint8_t byte);

  std::uint64_t written() const { return written_; }
  std::uint64_t consumed() const { return consumed_; }
  std::uint64_t window() const { return window_; }

 private:
  void copy_in(ByteView bytes);
  void fetch_ahead(std::size_t bytes) const;

  OwnEnd own_;
  PeerEnd peer_;
  std::uint64_t written_ = 0;
  std::uint64_t consumed_ = 0;  // by the last look
  std::uint64_t window_ = 0;    // likewise
};

class RingReader {
 public:
  RingReader(const OwnEnd& own, const PeerEnd& peer) : own_(own), peer_(peer) {}

  /// Looks at how far the writer has come. False: what it says cannot be.
  bool refresh();
  std::size_t readable() const { return static_cast<std::size_t>(written_ - consumed_); }
  /// Copies out what is readable, publishes that there is room. Returns how much.
  std::size_t read(ByteSpan out);
  /// Copies readable bytes from `offset` and leaves them.
  std::size_t peek(ByteSpan out, std::size_t offset) const;
  /// Bytes from the next one to read to the end of the urgent data; 0: none is pending.
  std::uint32_t urgent_left() const {
    return urgent_end_ > consumed_ ? static_cast<std::uint32_t>(urgent_end_ - consumed_) : 0;
  }

  std::uint64_t written() const { return written_; }
  std::uint64_t consumed() const { return consumed_; }
  std::uint64_t urgent_end() const { return urgent_end_; }

 private:
  void copy_out(ByteSpan out, std::uint64_t from) const;

  OwnEnd own_;
  PeerEnd peer_;
  std::uint64_t consumed_ = 0;
  std::uint64_t written_ = 0;     // by the last look
  std::uint64_t urgent_end_ = 0;  // likewise
};

}  // namespace oriel::loopback
