// Names and addresses in Winsock's words: what text is an address, which error stands for what.
// Who is asked for names is runtime/name_order.h's matter; that blocks for as long as they do.
#pragma once

#include <winsock2.h>
#include <ws2tcpip.h>

#include <string>

#include "runtime/name_service.h"

namespace oriel::winsock {

/// An address as text, read by no server: inet_addr's forms, IPv6 with a scope.
std::optional<runtime::NamedAddress> numeric_host(std::string_view text);

/// Addresses of `name`: numeric, localhost, this machine's own name (and the empty one), or looked
/// up.
runtime::NameResult<runtime::ResolvedHost> resolve_name(const std::string& name,
                                                        runtime::NameFamily family);

/// The name of an address; of a loopback address it is this machine's.
runtime::NameResult<std::string> resolve_address(const runtime::NamedAddress& address);

/// As the error of WSAGetLastError: WSAHOST_NOT_FOUND, WSATRY_AGAIN, ...
INT wsa_error_of(runtime::NameError error);

SOCKADDR_INET to_sockaddr(const runtime::NamedAddress& address, std::uint16_t port);
/// nullopt: neither family, or too short. Bytes are checked by the caller otherwise.
std::optional<runtime::NamedAddress> from_sockaddr(const sockaddr* address, std::size_t bytes,
                                                   std::uint16_t& port);

}  // namespace oriel::winsock
