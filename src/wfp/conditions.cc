// A field has a type; a match type over values of it becomes ranges: "not 80" is 0-79 and 81-65535.
#include "wfp/conditions.h"

#include <array>
#include <bit>
#include <cstdint>

namespace oriel::wfp {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

// --- addresses as 16 bytes: IPv4 in its mapped form, as IpAddress keeps it

IpAddress highest(bool is_v4) {
  Bytes all;
  all.fill(0xff);
  return is_v4 ? IpAddress::v4_broadcast() : IpAddress::v6(all.data());
}
IpAddress lowest(bool is_v4) {
  return is_v4 ? IpAddress::v4_any() : IpAddress::v6_any();
}
IpAddress after(const IpAddress& a) {
  Bytes b = a.bytes();
  for (std::size_t i = b.size(); i-- != 0;) {
    if (++b[i] != 0) break;
  }
  return IpAddress::v6(b.data());
}
IpAddress before(const IpAddress& a) {
  Bytes b = a.bytes();
  for (std::size_t i = b.size(); i-- != 0;) {
    if (b[i]-- != 0) break;
  }
  return IpAddress::v6(b.data());
}

// What is not in the range, of one family.
void add_outside(const AddressRange& range, bool is_v4, std::vector<AddressRange>& out) {
  if (range.first != lowest(is_v4)) out.push_back({lowest(is_v4), before(range.first)});
  if (range.last != highest(is_v4)) out.push_back({after(range.last), highest(is_v4)});
}

// A single address of the layer's family.
DWORD read_address(FWP_DATA_TYPE type, UINT32 uint32, const FWP_BYTE_ARRAY16* bytes, bool is_v4,
                   IpAddress& out) {
  if (type == FWP_UINT32 && is_v4) {
    out = IpAddress::v4_from_value(uint32);
    return ERROR_SUCCESS;
  }
  if (type != FWP_BYTE_ARRAY16_TYPE || is_v4) return error(FWP_E_TYPE_MISMATCH);
  if (bytes == nullptr) return error(FWP_E_NULL_POINTER);
  out = IpAddress::v6(bytes->byteArray16);
  return ERROR_SUCCESS;
}

DWORD read_address_range(const FWP_CONDITION_VALUE0& value, bool is_v4, AddressRange& out) {
  switch (value.type) {
    case FWP_V4_ADDR_MASK: {
      if (!is_v4) return error(FWP_E_TYPE_MISMATCH);
      if (value.v4AddrMask == nullptr) return error(FWP_E_NULL_POINTER);
      const UINT32 mask = value.v4AddrMask->mask;
      if (std::countl_one(mask) != std::popcount(mask)) return error(FWP_E_INVALID_NET_MASK);
      const Prefix p{IpAddress::v4_from_value(value.v4AddrMask->addr),
                     static_cast<std::uint8_t>(std::popcount(mask))};
      out = AddressRange::of(p);
      return ERROR_SUCCESS;
    }
    case FWP_V6_ADDR_MASK: {
      if (is_v4) return error(FWP_E_TYPE_MISMATCH);
      if (value.v6AddrMask == nullptr) return error(FWP_E_NULL_POINTER);
      if (value.v6AddrMask->prefixLength > 128) return error(FWP_E_INVALID_NET_MASK);
      out =
          AddressRange::of({IpAddress::v6(value.v6AddrMask->addr), value.v6AddrMask->prefixLength});
      return ERROR_SUCCESS;
    }
    case FWP_RANGE_TYPE: {
      if (value.rangeValue == nullptr) return error(FWP_E_NULL_POINTER);
      const FWP_VALUE0& low = value.rangeValue->valueLow;
      const FWP_VALUE0& high = value.rangeValue->valueHigh;
      DWORD e = read_address(low.type, low.uint32, low.byteArray16, is_v4, out.first);
      if (e == ERROR_SUCCESS) {
        e = read_address(high.type, high.uint32, high.byteArray16, is_v4, out.last);
      }
      if (e != ERROR_SUCCESS) return e;
      return out.last < out.first ? error(FWP_E_INVALID_RANGE) : ERROR_SUCCESS;
    }
    default: {
      const DWORD e = read_address(value.type, value.uint32, value.byteArray16, is_v4, out.first);
      out.last = out.first;
      return e;
    }
  }
}

DWORD add_address(const FWPM_FILTER_CONDITION0& c, bool is_v4, std::vector<AddressRange>& out) {
  AddressRange range;
  if (const DWORD e = read_address_range(c.conditionValue, is_v4, range); e != ERROR_SUCCESS) {
    return e;
  }
  const bool is_range = c.conditionValue.type == FWP_RANGE_TYPE;
  switch (c.matchType) {
    case FWP_MATCH_EQUAL:
      if (is_range) return error(FWP_E_MATCH_TYPE_MISMATCH);
      out.push_back(range);
      return ERROR_SUCCESS;
    case FWP_MATCH_RANGE:
      if (!is_range) return error(FWP_E_MATCH_TYPE_MISMATCH);
      out.push_back(range);
      return ERROR_SUCCESS;
    case FWP_MATCH_NOT_EQUAL:
      if (is_range) return error(FWP_E_MATCH_TYPE_MISMATCH);
      add_outside(range, is_v4, out);
      return out.empty() ? error(FWP_E_NEVER_MATCH) : ERROR_SUCCESS;
    default:
      return error(c.matchType < FWP_MATCH_TYPE_MAX ? FWP_E_MATCH_TYPE_MISMATCH
                                                    : FWP_E_INVALID_ENUMERATOR);
  }
}

// --- numbers: ports (16 bits), protocols and directions

struct Span {
  std::uint32_t first;
  std::uint32_t last;
};

// Reads a value of exactly this type.
bool read_number(FWP_DATA_TYPE type, const FWP_VALUE0& v, std::uint32_t& out) {
  if (v.type != type) return false;
  out = type == FWP_UINT8 ? v.uint8 : type == FWP_UINT16 ? v.uint16 : v.uint32;
  return true;
}

// The numbers up to `max` that the condition holds for, in at most two spans.
DWORD read_spans(const FWPM_FILTER_CONDITION0& c, FWP_DATA_TYPE type, std::uint32_t max,
                 std::vector<Span>& out) {
  const FWP_CONDITION_VALUE0& v = c.conditionValue;
  if (v.type == FWP_RANGE_TYPE) {
    if (c.matchType != FWP_MATCH_RANGE) return error(FWP_E_MATCH_TYPE_MISMATCH);
    if (v.rangeValue == nullptr) return error(FWP_E_NULL_POINTER);
    Span s{};
    if (!read_number(type, v.rangeValue->valueLow, s.first) ||
        !read_number(type, v.rangeValue->valueHigh, s.last)) {
      return error(FWP_E_TYPE_MISMATCH);
    }
    if (s.last < s.first) return error(FWP_E_INVALID_RANGE);
    out.push_back(s);
    return ERROR_SUCCESS;
  }
  if (v.type != type) return error(FWP_E_TYPE_MISMATCH);
  const std::uint32_t n = type == FWP_UINT8 ? v.uint8 : type == FWP_UINT16 ? v.uint16 : v.uint32;
  switch (c.matchType) {
    case FWP_MATCH_EQUAL:
      out.push_back({n, n});
      return ERROR_SUCCESS;
    case FWP_MATCH_GREATER_OR_EQUAL:
      out.push_back({n, max});
      return ERROR_SUCCESS;
    case FWP_MATCH_LESS_OR_EQUAL:
      out.push_back({0, n});
      return ERROR_SUCCESS;
    case FWP_MATCH_GREATER:
      if (n == max) return error(FWP_E_NEVER_MATCH);
      out.push_back({n + 1, max});
      return ERROR_SUCCESS;
    case FWP_MATCH_LESS:
      if (n == 0) return error(FWP_E_NEVER_MATCH);
      out.push_back({0, n - 1});
      return ERROR_SUCCESS;
    case FWP_MATCH_NOT_EQUAL:
      if (n != 0) out.push_back({0, n - 1});
      if (n != max) out.push_back({n + 1, max});
      return ERROR_SUCCESS;
    default:
      return error(c.matchType < FWP_MATCH_TYPE_MAX ? FWP_E_MATCH_TYPE_MISMATCH
                                                    : FWP_E_INVALID_ENUMERATOR);
  }
}

DWORD add_ports(const FWPM_FILTER_CONDITION0& c, std::vector<PortRange>& out) {
  std::vector<Span> spans;
  if (const DWORD e = read_spans(c, FWP_UINT16, 0xffff, spans); e != ERROR_SUCCESS) return e;
  for (const Span& s : spans) {
    out.push_back({static_cast<std::uint16_t>(s.first), static_cast<std::uint16_t>(s.last)});
  }
  return ERROR_SUCCESS;
}

DWORD add_protocols(const FWPM_FILTER_CONDITION0& c, std::vector<std::uint8_t>& out) {
  std::vector<Span> spans;
  if (const DWORD e = read_spans(c, FWP_UINT8, 0xff, spans); e != ERROR_SUCCESS) return e;
  for (const Span& s : spans) {
    for (std::uint32_t n = s.first; n <= s.last; ++n) out.push_back(static_cast<std::uint8_t>(n));
  }
  return ERROR_SUCCESS;
}

DWORD set_direction(const FWPM_FILTER_CONDITION0& c, FilterRule& rule) {
  std::vector<Span> spans;
  if (const DWORD e = read_spans(c, FWP_UINT32, 0xffffffff, spans); e != ERROR_SUCCESS) return e;
  const auto has = [&](std::uint32_t n) {
    for (const Span& s : spans) {
      if (s.first <= n && n <= s.last) return true;
    }
    return false;
  };
  const bool is_out = has(FWP_DIRECTION_OUTBOUND);
  const bool is_in = has(FWP_DIRECTION_INBOUND);
  if (!is_out && !is_in) return error(FWP_E_NEVER_MATCH);
  if (is_out != is_in) {
    rule.direction = is_out ? FilterDirection::kOutbound : FilterDirection::kInbound;
  }
  return ERROR_SUCCESS;
}

// Of the flags this engine knows one.
DWORD set_flags(const FWPM_FILTER_CONDITION0& c, FilterRule& rule) {
  if (c.conditionValue.type != FWP_UINT32) return error(FWP_E_TYPE_MISMATCH);
  const UINT32 flags = c.conditionValue.uint32;
  if (flags != FWP_CONDITION_FLAG_IS_LOOPBACK) {
    return error(flags == 0 ? FWP_E_NEVER_MATCH : FWP_E_INVALID_FLAGS);
  }
  switch (c.matchType) {
    case FWP_MATCH_FLAGS_ALL_SET:
    case FWP_MATCH_FLAGS_ANY_SET:
    case FWP_MATCH_EQUAL:
      rule.is_loopback = true;
      return ERROR_SUCCESS;
    case FWP_MATCH_FLAGS_NONE_SET:
    case FWP_MATCH_NOT_EQUAL:
      rule.is_loopback = false;
      return ERROR_SUCCESS;
    default:
      return error(c.matchType < FWP_MATCH_TYPE_MAX ? FWP_E_MATCH_TYPE_MISMATCH
                                                    : FWP_E_INVALID_ENUMERATOR);
  }
}

}  // namespace

DWORD add_condition(const FWPM_FILTER_CONDITION0& c, const Layer& layer, FilterRule& rule) {
  if (c.fieldKey == FWPM_CONDITION_IP_LOCAL_ADDRESS) {
    return add_address(c, layer.is_v4, rule.local_addresses);
  }
  if (c.fieldKey == FWPM_CONDITION_IP_REMOTE_ADDRESS) {
    return add_address(c, layer.is_v4, rule.remote_addresses);
  }
  if (c.fieldKey == FWPM_CONDITION_IP_LOCAL_PORT) return add_ports(c, rule.local_ports);
  if (c.fieldKey == FWPM_CONDITION_IP_REMOTE_PORT) return add_ports(c, rule.remote_ports);
  if (c.fieldKey == FWPM_CONDITION_IP_PROTOCOL) return add_protocols(c, rule.protocols);
  if (c.fieldKey == FWPM_CONDITION_FLAGS) return set_flags(c, rule);
  if (c.fieldKey == FWPM_CONDITION_DIRECTION) return set_direction(c, rule);
  return error(FWP_E_CONDITION_NOT_FOUND);
}

}  // namespace oriel::wfp
