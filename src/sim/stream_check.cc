// Words of the stream come from splitmix64 of seed and index.
#include "sim/stream_check.h"

#include <algorithm>

namespace oriel::sim {

std::uint64_t SeededStream::word(std::uint64_t index) const {
  std::uint64_t z = seed_ + (index + 1) * 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

void SeededStream::fill(std::uint64_t offset, ByteSpan out) const {
  std::size_t at = 0;
  while (at < out.size()) {
    const std::uint64_t w = word((offset + at) / 8);
    const std::size_t skip = (offset + at) % 8;
    const std::size_t n = std::min(8 - skip, out.size() - at);
    std::uint8_t bytes[8];
    std::memcpy(bytes, &w, 8);
    std::memcpy(out.data() + at, bytes + skip, n);
    at += n;
  }
}

std::optional<std::uint64_t> SeededStream::first_difference(std::uint64_t offset,
                                                            ByteView bytes) const {
  std::uint8_t expected[4096];
  for (std::size_t at = 0; at < bytes.size(); at += sizeof expected) {
    const std::size_t n = std::min(sizeof expected, bytes.size() - at);
    fill(offset + at, {expected, n});
    if (std::memcmp(expected, bytes.data() + at, n) == 0) continue;
    const auto* end = std::mismatch(expected, expected + n, bytes.data() + at).first;
    return offset + at + static_cast<std::uint64_t>(end - expected);
  }
  return std::nullopt;
}

IoHandler RequestLedger::once(std::string name, IoHandler inner) {
  const std::size_t index = entries_->size();
  entries_->push_back({std::move(name), 0});
  return [entries = entries_, index, inner = std::move(inner)](IoResult r) {
    ++(*entries)[index].completions;
    if (inner) inner(r);
  };
}

std::vector<std::string> RequestLedger::violations() const {
  std::vector<std::string> out;
  for (const Entry& e : *entries_) {
    if (e.completions == 1) continue;
    out.push_back(e.name + " completed " + std::to_string(e.completions) +
                  " times instead of once");
  }
  return out;
}

}  // namespace oriel::sim
