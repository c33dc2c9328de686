// Questions to a name server and what its answers say, as bytes and values (RFC 1035 4, RFC 6891).
//
// No I/O. Any bytes give an answer or kMalformed; names are unpacked by libc (dn_expand), which
// bounds compression pointers. An answer counts only for the question it was asked: same id, same
// name, same type (RFC 5452 9.1).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "oriel/address.h"
#include "oriel/error.h"

namespace oriel::runtime {

/// Record types that we ask for, or meet on the way (RFC 1035 3.2.2, RFC 3596).
enum class DnsType : std::uint16_t { kA = 1, kCname = 5, kPtr = 12, kAaaa = 28 };

/// What a server said about a name (RFC 1035 4.1.1, RCODE).
enum class DnsCode : std::uint8_t { kNoError = 0, kFormat, kServerFailure, kNoSuchName, kOther };

inline constexpr std::size_t kDnsNameBytesMax = 253;       // RFC 1035 2.3.4, as text
inline constexpr std::size_t kDnsDatagramBytesMax = 1232;  // our EDNS size: no fragments on IPv6
inline constexpr std::size_t kDnsAliasesMax = 16;          // CNAMEs followed within one answer
inline constexpr std::size_t kDnsRecordsMax = 128;         // records looked at in one answer

struct DnsQuestion {
  std::uint16_t id = 0;
  std::string name;
  DnsType type = DnsType::kA;
};

struct DnsAnswer {
  DnsCode code = DnsCode::kNoError;
  bool is_truncated = false;         ///< the server had more to say than fits
  std::string canonical;             ///< the name at the end of the aliases
  std::vector<IpAddress> addresses;  ///< of kA and kAaaa questions, in the server's order
  std::vector<std::string> names;    ///< of kPtr questions
};

/// The datagram that asks; kInvalidArgument for a name that is no host name (empty, a label over
/// 63 bytes, 253 bytes in all). Bound: kDnsDatagramBytesMax.
Result<std::vector<std::uint8_t>> build_dns_query(const DnsQuestion& question);

/// kMalformed: not DNS; kNotFound: an answer, but to another question.
Result<DnsAnswer> parse_dns_answer(ByteView datagram, const DnsQuestion& question);

/// "4.3.2.1.in-addr.arpa" for 1.2.3.4 (RFC 1035 3.5, RFC 3596 2.5).
std::string dns_reverse_name(const IpAddress& address);

/// Are two names one, letters of either case and a dot at the end aside (RFC 4343).
bool is_dns_name_equal(std::string_view a, std::string_view b);

}  // namespace oriel::runtime
