// Socket options: one row for each level and name. getsockopt and setsockopt find the row, check
// kind and size, and call it; to support one more is to add a row.
#pragma once

#include <winsock2.h>

#include <span>

#include "winsock/socket.h"

namespace oriel::winsock {

/// Kinds of socket that know an option.
enum class OptionFor : std::uint8_t { kAny, kStream, kDatagram };

/// What `value` looks like to a program.
enum class OptionShape : std::uint8_t {
  kFlag,    ///< BOOL; a program may give one byte
  kNumber,  ///< DWORD
  kByte,    ///< DWORD whose value fits a byte; a program may give that byte
  kStruct,  ///< `bytes` as they are
};

struct OptionRow {
  int level;
  int name;
  OptionFor kinds;
  OptionShape shape;
  int bytes;
  /// Fills `value` (as many bytes as the row says). Null: write only. Inside a turn; returns a
  /// Winsock error.
  int (*get)(Socket& socket, stack::Core& core, void* value);
  /// Null: read only.
  int (*set)(Socket& socket, stack::Core& core, const void* value);
};

// Each level's rows; those of streams' and sockets' own properties are in option_table.cc.
std::span<const OptionRow> socket_option_rows();
std::span<const OptionRow> tcp_option_rows();
std::span<const OptionRow> ip_option_rows();
std::span<const OptionRow> ipv6_option_rows();

/// SO_BSP_STATE, which points into the program's buffer and so is no row.
int get_bsp_state(Socket& socket, char* value, INT* bytes);

/// WSPGetSockOpt and WSPSetSockOpt without the handle. Winsock errors. Thread: any; take the turn.
int get_option(Socket& socket, int level, int name, char* value, INT* bytes);
int set_option(Socket& socket, int level, int name, const char* value, INT bytes);

}  // namespace oriel::winsock
