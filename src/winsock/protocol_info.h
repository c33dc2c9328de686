// WSAPROTOCOL_INFO: the four protocols of the base provider, and the A form of a W one.
#pragma once

#include <winsock2.h>

#include <array>
#include <cstddef>

namespace oriel::winsock {

inline constexpr std::size_t kBaseProtocols = 4;
/// The first catalogue id that Windows gives out; ours count up from it.
inline constexpr DWORD kFirstCatalogueId = 1001;

/// TCP/IP, UDP/IP, TCP/IPv6, UDP/IPv6: flags, ids and names as Windows lists them.
const std::array<WSAPROTOCOL_INFOW, kBaseProtocols>& base_protocols();

/// The same with a narrow name; text that does not fit is cut.
WSAPROTOCOL_INFOA to_ansi(const WSAPROTOCOL_INFOW& info);
WSAPROTOCOL_INFOW to_wide(const WSAPROTOCOL_INFOA& info);

/// Does a socket of this triple belong to the entry? Zero asks for any.
bool is_family(const WSAPROTOCOL_INFOW& info, int family);
bool is_type(const WSAPROTOCOL_INFOW& info, int type);
bool is_protocol(const WSAPROTOCOL_INFOW& info, int protocol);

}  // namespace oriel::winsock
