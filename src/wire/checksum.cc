// Summing: little-endian words first, swapped once at the end (RFC 1071 2(B): byte order
// independence).
//
// Long runs go through 64-bit lanes that each take 32-bit words: no carry can be lost before 2^32
// of them, and the compiler keeps the lanes in vector registers. Measured with g++ 12 on 1460
// bytes: 41 to 70 GB/s with AVX2, against 20 to 30 for an add-with-carry chain.
#include "wire/checksum.h"

#include <cassert>
#include <cstring>

// Two versions of the loop, chosen by the loader. Not under sanitizers: their run time is not up
// yet when the loader chooses.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && \
    !defined(ORIEL_NO_TARGET_CLONES)
#define ORIEL_VECTOR_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define ORIEL_VECTOR_CLONES
#endif

namespace oriel::wire {
namespace {

constexpr std::size_t kStrideBytes = 128;  // one step of the vector loop
using Lanes = std::uint64_t __attribute__((vector_size(32)));

std::uint64_t load64(const std::uint8_t* p) {
  std::uint64_t v;
  std::memcpy(&v, p, 8);
  return v;
}

// Sum of the 32-bit words of `strides` * 128 bytes.
ORIEL_VECTOR_CLONES
std::uint64_t sum_strides(const std::uint8_t* p, std::size_t strides) {
  const Lanes low = {0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu};
  Lanes a{};
  Lanes b{};
  Lanes c{};
  Lanes d{};
  for (; strides != 0; --strides, p += kStrideBytes) {
    Lanes w;
    Lanes x;
    Lanes y;
    Lanes z;
    std::memcpy(&w, p, 32);
    std::memcpy(&x, p + 32, 32);
    std::memcpy(&y, p + 64, 32);
    std::memcpy(&z, p + 96, 32);
    a += (w & low) + (w >> 32);
    b += (x & low) + (x >> 32);
    c += (y & low) + (y >> 32);
    d += (z & low) + (z >> 32);
  }
  a += b;
  c += d;
  a += c;
  return a[0] + a[1] + a[2] + a[3];
}

std::uint64_t sum_tail(const std::uint8_t* p, std::size_t n) {
  std::uint64_t sum = 0;
  for (; n >= 8; n -= 8, p += 8) {
    const std::uint64_t v = load64(p);
    sum += (v & 0xffffffffu) + (v >> 32);
  }
  if ((n & 4) != 0) {
    std::uint32_t v;
    std::memcpy(&v, p, 4);
    sum += v;
    p += 4;
  }
  if ((n & 2) != 0) {
    std::uint16_t v;
    std::memcpy(&v, p, 2);
    sum += v;
    p += 2;
  }
  if ((n & 1) != 0) sum += *p;
  return sum;
}

// Folded sum of little-endian words.
std::uint16_t sum_le(ByteView bytes) {
  const std::uint8_t* p = bytes.data();
  const std::size_t n = bytes.size();
  const std::size_t strides = n / kStrideBytes;
  std::uint64_t sum = strides == 0 ? 0 : sum_strides(p, strides);
  sum += sum_tail(p + strides * kStrideBytes, n % kStrideBytes);
  sum = (sum & 0xffffffffu) + (sum >> 32);
  sum = (sum & 0xffffffffu) + (sum >> 32);
  return checksum_fold(static_cast<std::uint32_t>(sum));
}

}  // namespace

std::uint32_t checksum_add(std::uint32_t sum, ByteView bytes) {
  return checksum_fold(sum) + __builtin_bswap16(sum_le(bytes));
}

std::uint16_t checksum(ByteView bytes) {
  return static_cast<std::uint16_t>(~__builtin_bswap16(sum_le(bytes)));
}

void ChecksumAccumulator::add(ByteView bytes) {
  const std::uint16_t le = sum_le(bytes);
  // Behind an odd number of bytes every word straddles: its halves change places.
  sum_ = checksum_fold(sum_) + (is_odd_ ? le : __builtin_bswap16(le));
  is_odd_ ^= (bytes.size() & 1) != 0;
}

void ChecksumAccumulator::add_word(std::uint32_t v) {
  const std::uint16_t word = checksum_fold(v);
  sum_ = checksum_fold(sum_) + (is_odd_ ? __builtin_bswap16(word) : word);
}

std::uint32_t pseudo_header_sum(const IpAddress& source, const IpAddress& destination,
                                std::uint8_t protocol, std::uint32_t length) {
  assert(source.is_v4() == destination.is_v4());
  const std::uint64_t addresses =
      sum_tail(source.bytes().data(), 16) + sum_tail(destination.bytes().data(), 16);
  const auto low = static_cast<std::uint32_t>(addresses);
  const auto high = static_cast<std::uint32_t>(addresses >> 32);
  const std::uint32_t words =
      std::uint32_t{__builtin_bswap16(checksum_fold(low))} + __builtin_bswap16(checksum_fold(high));
  return words + protocol + (length >> 16) + (length & 0xffff);
}

std::uint16_t partial_checksum(const IpAddress& source, const IpAddress& destination,
                               std::uint8_t protocol, std::uint32_t length) {
  return checksum_fold(pseudo_header_sum(source, destination, protocol, length));
}

bool complete_checksum(ByteSpan packet, std::size_t start, std::size_t offset,
                       bool is_zero_avoided) {
  if (start > packet.size() || packet.size() - start < 2) return false;
  if (offset > packet.size() - start - 2) return false;
  const auto sum = checksum_fold(checksum_add(0, packet.subspan(start)));
  auto check = static_cast<std::uint16_t>(~sum);
  if (check == 0 && is_zero_avoided) check = 0xffff;
  store_be16(packet.data() + start + offset, check);
  return true;
}

}  // namespace oriel::wire
