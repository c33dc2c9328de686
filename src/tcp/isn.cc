// Keyed hash of the address pair, plus a clock.
#include "tcp/isn.h"

#include <array>
#include <cstring>

#include "base/bytes.h"

namespace oriel::tcp {
namespace {

constexpr std::int64_t kTickNs = 64;

enum class Use : std::uint8_t { kIsn = 1, kTimestamp = 2 };

std::uint64_t hash_pair(const SipKey& key, const Endpoint& local, const Endpoint& remote, Use use) {
  std::array<std::uint8_t, 16 + 2 + 16 + 2 + 1> bytes;
  std::uint8_t* p = bytes.data();
  std::memcpy(p, local.address.bytes().data(), 16);
  store_be16(p + 16, local.port);
  std::memcpy(p + 18, remote.address.bytes().data(), 16);
  store_be16(p + 34, remote.port);
  p[36] = static_cast<std::uint8_t>(use);
  return siphash(key, bytes);
}

}  // namespace

// REQ RFC9293-MUST-8
SeqNum initial_seq_num(const SipKey& key, const Endpoint& local, const Endpoint& remote,
                       Instant now) {
  const auto ticks = static_cast<std::uint32_t>(now.ns / kTickNs);
  return SeqNum(static_cast<std::uint32_t>(hash_pair(key, local, remote, Use::kIsn)) + ticks);
}

std::uint32_t timestamp_offset(const SipKey& key, const Endpoint& local, const Endpoint& remote) {
  return static_cast<std::uint32_t>(hash_pair(key, local, remote, Use::kTimestamp));
}

}  // namespace oriel::tcp
