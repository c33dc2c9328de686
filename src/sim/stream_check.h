// Is what came out what went in, and did every request complete exactly once? For tests and
// simulations.
//
// A seeded stream has no storage: byte n is a function of seed and n, so any piece can be made or
// checked where it lies.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "oriel/host.h"

namespace oriel::sim {

class SeededStream {
 public:
  explicit SeededStream(std::uint64_t seed) : seed_(seed) {}
  /// Writes the bytes from `offset` on.
  void fill(std::uint64_t offset, ByteSpan out) const;
  /// Offset in the stream of the first byte that differs; nullopt: equal.
  std::optional<std::uint64_t> first_difference(std::uint64_t offset, ByteView bytes) const;

 private:
  std::uint64_t word(std::uint64_t index) const;
  std::uint64_t seed_;
};

/// Wraps handlers and counts: every request completes once, no more, no less.
class RequestLedger {
 public:
  RequestLedger() : entries_(std::make_shared<std::vector<Entry>>()) {}
  IoHandler once(std::string name, IoHandler inner);
  /// One sentence for each request that did not complete exactly once so far.
  std::vector<std::string> violations() const;

 private:
  struct Entry {
    std::string name;
    std::uint32_t completions = 0;
  };
  std::shared_ptr<std::vector<Entry>> entries_;
};

}  // namespace oriel::sim
