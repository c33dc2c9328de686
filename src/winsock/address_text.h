// Addresses as text, the way Windows reads and writes them: inet_addr's short forms,
// "[fe80::1%3]:80", dotted tails.
//
// Pure: no last error, no table. Differs from the RFC 5952 text of base in what Windows writes with
// a dotted tail (IPv4-mapped, IPv4-compatible and ISATAP addresses) and in scope ids.
#pragma once

#include <winsock2.h>
#include <ws2tcpip.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace oriel::winsock {

using Ipv6Bytes = std::array<std::uint8_t, 16>;

/// inet_addr's forms: one to four numbers, decimal, octal (0...) or hexadecimal (0x...); the last
/// fills what is left. Host order.
std::optional<std::uint32_t> parse_ipv4_loose(std::string_view text);
/// Exactly four decimal numbers (inet_pton). Host order.
std::optional<std::uint32_t> parse_ipv4_strict(std::string_view text);
std::optional<Ipv6Bytes> parse_ipv6(std::string_view text);

struct ScopedIpv6 {
  Ipv6Bytes bytes{};
  ULONG scope_id = 0;
};
/// "fe80::1%3": the scope is a number.
std::optional<ScopedIpv6> parse_scoped_ipv6(std::string_view text);

std::string ipv4_text(const in_addr& address);
std::string ipv6_text(const std::uint8_t* sixteen);

/// "1.2.3.4:80" or "[fe80::1%3]:80"; port 0 and scope 0 are left out, and then the brackets too.
/// Empty: `address` is neither, or shorter than its family's structure.
std::string socket_address_text(const sockaddr* address, std::size_t bytes);

/// The other way; without a port it is 0. nullopt: not an address of `family` (AF_INET or
/// AF_INET6).
std::optional<SOCKADDR_INET> parse_socket_address(std::string_view text, int family);
/// Bytes of the structure of `family`; 0: neither.
std::size_t socket_address_bytes(int family);

}  // namespace oriel::winsock
