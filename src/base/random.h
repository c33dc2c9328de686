// Randomness as an argument: a small generator that one seed decides, and SipHash for keyed hashes.
//
// The seed comes from runtime (real entropy) or from the simulation (its one seed). Neither is for
// cryptography beyond what RFC 6528 (ISN) and RFC 6056 (ports) ask: a keyed hash that an outsider
// cannot predict.
#pragma once

#include <cstdint>
#include <span>

namespace oriel {

/// xoshiro256** seeded through splitmix64. Same seed, same numbers, on every machine.
class Random {
 public:
  explicit Random(std::uint64_t seed);
  std::uint64_t next();
  /// Uniform in [0, bound); bound 0 gives 0.
  std::uint64_t below(std::uint64_t bound);
  /// Uniform in [0, 1).
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  /// True with probability p.
  bool chance(double p) { return p > 0 && unit() < p; }

 private:
  std::uint64_t s_[4];
};

struct SipKey {
  std::uint64_t k0 = 0;
  std::uint64_t k1 = 0;
};

/// SipHash-2-4 of the bytes (Aumasson, Bernstein 2012).
std::uint64_t siphash(const SipKey& key, std::span<const std::uint8_t> bytes);

}  // namespace oriel
