// DNS datagrams. Layout of both (RFC 1035 4.1):
//
//   id 2 | flags 2 | qdcount 2 | ancount 2 | nscount 2 | arcount 2 | questions | records...
//   question: name, type 2, class 2      record: name, type 2, class 2, ttl 4, length 2, data
//
// libc packs and unpacks names; everything else is read here, through a cursor that never leaves
// the datagram.
#include "runtime/dns_message.h"

#include <arpa/nameser.h>
#include <netinet/in.h>
#include <resolv.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

namespace oriel::runtime {
namespace {

constexpr std::size_t kHeaderBytes = 12;
constexpr std::uint16_t kClassInternet = 1;
constexpr std::uint16_t kTypeOpt = 41;  // RFC 6891 6.1.1
constexpr std::uint16_t kFlagResponse = 0x8000;
constexpr std::uint16_t kFlagTruncated = 0x0200;
constexpr std::uint16_t kFlagRecursionDesired = 0x0100;
constexpr std::uint16_t kMaskOpcode = 0x7800;
constexpr std::uint16_t kMaskCode = 0x000f;

std::string_view without_dot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

void put_be16(std::vector<std::uint8_t>& out, std::uint16_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}

// One record's fixed part; `data` lies in the datagram.
struct Record {
  std::string name;
  std::uint16_t type = 0;
  std::uint16_t record_class = 0;
  std::size_t data_at = 0;
  ByteView data;
};

class Cursor {
 public:
  explicit Cursor(ByteView all) : all_(all), at_(kHeaderBytes) {}

  std::optional<std::string> name() { return name_at(at_, &at_); }

  // A packed name that begins at `at`; `end` (may be null) gets where it ends.
  std::optional<std::string> name_at(std::size_t at, std::size_t* end) const {
    if (at >= all_.size()) return std::nullopt;
    std::array<char, NS_MAXDNAME> text{};
    const std::uint8_t* begin = all_.data();
    const int used = ::dn_expand(begin, begin + all_.size(), begin + at, text.data(),
                                 static_cast<int>(text.size()));
    if (used <= 0) return std::nullopt;
    if (end != nullptr) *end = at + static_cast<std::size_t>(used);
    return std::string(text.data());
  }

  std::optional<std::uint16_t> be16() {
    if (all_.size() - at_ < 2) return std::nullopt;
    at_ += 2;
    return load_be16(all_.data() + at_ - 2);
  }

  std::optional<Record> record() {
    constexpr std::size_t kFixedBytes = 10;
    auto owner = name();
    if (!owner || all_.size() - at_ < kFixedBytes) return std::nullopt;
    const std::uint8_t* p = all_.data() + at_;
    Record r{std::move(*owner), load_be16(p), load_be16(p + 2), at_ + kFixedBytes, {}};
    const std::size_t length = load_be16(p + 8);
    if (all_.size() - r.data_at < length) return std::nullopt;
    r.data = all_.subspan(r.data_at, length);
    at_ = r.data_at + length;
    return r;
  }

 private:
  ByteView all_;
  std::size_t at_;  // at most all_.size()
};

bool is_for(const Record& r, std::string_view owner, DnsType type) {
  return r.record_class == kClassInternet && r.type == static_cast<std::uint16_t>(type) &&
         is_dns_name_equal(r.name, owner);
}

// The name at the end of the aliases that begin at `name`.
std::string follow_aliases(const std::vector<Record>& records, const Cursor& cursor,
                           std::string name) {
  for (std::size_t step = 0; step < kDnsAliasesMax; ++step) {
    const auto alias = std::find_if(records.begin(), records.end(), [&](const Record& r) {
      return is_for(r, name, DnsType::kCname);
    });
    if (alias == records.end()) break;
    const auto target = cursor.name_at(alias->data_at, nullptr);
    if (!target || target->empty()) break;
    name = *target;
  }
  return name;
}

void take_record(const Record& r, const Cursor& cursor, DnsAnswer& answer) {
  if (r.type == static_cast<std::uint16_t>(DnsType::kA) && r.data.size() == 4) {
    answer.addresses.push_back(IpAddress::v4(r.data.data()));
  } else if (r.type == static_cast<std::uint16_t>(DnsType::kAaaa) && r.data.size() == 16) {
    answer.addresses.push_back(IpAddress::v6(r.data.data()));
  } else if (r.type == static_cast<std::uint16_t>(DnsType::kPtr)) {
    auto name = cursor.name_at(r.data_at, nullptr);
    if (name && !name->empty()) answer.names.push_back(std::move(*name));
  }
}

DnsCode code_of(std::uint16_t flags) {
  const unsigned code = flags & kMaskCode;
  return code <= 3 ? static_cast<DnsCode>(code) : DnsCode::kOther;
}

}  // namespace

bool is_dns_name_equal(std::string_view a, std::string_view b) {
  a = without_dot(a);
  b = without_dot(b);
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

Result<std::vector<std::uint8_t>> build_dns_query(const DnsQuestion& question) {
  const std::string name(without_dot(question.name));
  std::array<std::uint8_t, NS_MAXCDNAME> packed{};
  // A back slash would be an escape to libc; host names have none (RFC 1123 2.1).
  const bool is_plain = !name.empty() && name.size() <= kDnsNameBytesMax &&
                        name.find('\\') == std::string::npos && name.find('\0') == name.npos;
  const int bytes = is_plain ? ::dn_comp(name.c_str(), packed.data(),
                                         static_cast<int>(packed.size()), nullptr, nullptr)
                             : -1;
  if (bytes <= 0) return fail(ErrorCode::kInvalidArgument, "not a host name");
  std::vector<std::uint8_t> out;
  put_be16(out, question.id);
  put_be16(out, kFlagRecursionDesired);
  for (const bool has_one : {true, false, false, true}) put_be16(out, has_one ? 1 : 0);
  out.insert(out.end(), packed.begin(), packed.begin() + bytes);
  put_be16(out, static_cast<std::uint16_t>(question.type));
  put_be16(out, kClassInternet);
  out.push_back(0);  // OPT belongs to the root (RFC 6891 6.1.2): its class is our datagram size
  put_be16(out, kTypeOpt);
  put_be16(out, kDnsDatagramBytesMax);
  out.insert(out.end(), 6, 0);  // extended code, version, flags, no options
  return out;
}

Result<DnsAnswer> parse_dns_answer(ByteView datagram, const DnsQuestion& question) {
  if (datagram.size() < kHeaderBytes) return fail(ErrorCode::kMalformed);
  const std::uint16_t flags = load_be16(datagram.data() + 2);
  if ((flags & kFlagResponse) == 0 || (flags & kMaskOpcode) != 0 ||
      load_be16(datagram.data() + 4) != 1) {
    return fail(ErrorCode::kMalformed);
  }
  if (load_be16(datagram.data()) != question.id) return fail(ErrorCode::kNotFound);
  Cursor cursor(datagram);
  const auto name = cursor.name();
  const auto type = cursor.be16();
  const auto question_class = cursor.be16();
  if (!name || !type || !question_class) return fail(ErrorCode::kMalformed);
  if (!is_dns_name_equal(*name, question.name) || *question_class != kClassInternet ||
      *type != static_cast<std::uint16_t>(question.type)) {
    return fail(ErrorCode::kNotFound);
  }
  DnsAnswer answer;
  answer.code = code_of(flags);
  answer.is_truncated = (flags & kFlagTruncated) != 0;
  const std::size_t count = std::min<std::size_t>(load_be16(datagram.data() + 6), kDnsRecordsMax);
  std::vector<Record> records;
  for (std::size_t i = 0; i < count; ++i) {
    auto record = cursor.record();
    if (!record && answer.is_truncated) break;  // may be cut within a record
    if (!record) return fail(ErrorCode::kMalformed);
    records.push_back(std::move(*record));
  }
  answer.canonical = follow_aliases(records, cursor, question.name);
  for (const Record& r : records) {
    if (is_for(r, answer.canonical, question.type)) take_record(r, cursor, answer);
  }
  return answer;
}

std::string dns_reverse_name(const IpAddress& address) {
  std::string text;
  if (address.is_v4()) {
    for (int i = 3; i >= 0; --i) text += std::to_string(address.v4_bytes()[i]) + '.';
    return text + "in-addr.arpa";
  }
  constexpr char kDigits[] = "0123456789abcdef";
  for (int i = 15; i >= 0; --i) {
    const std::uint8_t byte = address.bytes()[static_cast<std::size_t>(i)];
    text += {kDigits[byte & 15], '.', kDigits[byte >> 4], '.'};
  }
  return text + "ip6.arpa";
}

}  // namespace oriel::runtime
