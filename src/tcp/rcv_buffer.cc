// Appending with compaction, reading from the front.
#include "tcp/rcv_buffer.h"

#include <algorithm>
#include <cstring>

#include "tcp/compaction.h"

namespace oriel::tcp {

void RcvBuffer::append(BufferPool& pool, Slice&& bytes) {
  if (bytes.empty()) return;
  size_ += static_cast<std::uint32_t>(bytes.size());
  if (bytes.size() * kCompactionFactor < bytes.footprint()) {
    if (!ring_.empty() && append_in_place(ring_.back(), bytes)) {
      bytes = Slice();
      return;
    }
    bytes = pool.copy_of(bytes);
  }
  memory_bytes_ += bytes.footprint();
  ring_.push_back(std::move(bytes));
}

std::size_t RcvBuffer::read(ByteSpan out) {
  std::size_t done = 0;
  while (done < out.size() && !ring_.empty()) {
    Slice& front = ring_.front();
    const std::size_t n = std::min(front.size(), out.size() - done);
    std::memcpy(out.data() + done, front.data(), n);
    done += n;
    if (n < front.size()) {
      front.remove_prefix(n);
      break;
    }
    memory_bytes_ -= front.footprint();
    ring_.pop_front();
  }
  size_ -= static_cast<std::uint32_t>(done);
  ring_.release_if_empty();
  return done;
}

std::size_t RcvBuffer::read(std::span<const ByteSpan> out) {
  std::size_t done = 0;
  for (const ByteSpan span : out) {
    const std::size_t n = read(span);
    done += n;
    if (n < span.size()) break;
  }
  return done;
}

std::size_t RcvBuffer::peek(ByteSpan out, std::size_t offset) const {
  std::size_t done = 0;
  for (std::uint32_t i = 0; i < ring_.size() && done < out.size(); ++i) {
    const Slice& s = ring_[i];
    if (offset >= s.size()) {
      offset -= s.size();
      continue;
    }
    const std::size_t n = std::min(s.size() - offset, out.size() - done);
    std::memcpy(out.data() + done, s.data() + offset, n);
    done += n;
    offset = 0;
  }
  return done;
}

std::size_t RcvBuffer::share(std::span<Slice> out, std::size_t bytes_max) const {
  std::size_t runs = 0;
  while (runs < out.size() && runs < ring_.size() && bytes_max != 0) {
    Slice run = ring_[static_cast<std::uint32_t>(runs)];
    run.truncate(std::min(run.size(), bytes_max));
    bytes_max -= run.size();
    out[runs++] = std::move(run);
  }
  return runs;
}

void RcvBuffer::consume(std::size_t n) {
  while (n != 0 && !ring_.empty()) {
    Slice& front = ring_.front();
    if (n < front.size()) {
      front.remove_prefix(n);
      size_ -= static_cast<std::uint32_t>(n);
      return;
    }
    n -= front.size();
    pop_front_slice();
  }
}

Slice RcvBuffer::pop_front_slice() {
  Slice s = ring_.pop_front();
  size_ -= static_cast<std::uint32_t>(s.size());
  memory_bytes_ -= s.footprint();
  ring_.release_if_empty();
  return s;
}

}  // namespace oriel::tcp
