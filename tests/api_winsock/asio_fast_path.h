// What a program that uses Asio adds to have the loopback fast path: one control code through the
// native handle, before the socket connects or as the acceptor listens.
#pragma once

#include <asio.hpp>

// After Asio, which wants to include the Windows headers itself.
#include <mstcpip.h>

#include <system_error>

inline void ask_for_fast_path(asio::ip::tcp::socket::native_handle_type handle) {
  int on = 1;
  DWORD bytes = 0;
  const int failed = WSAIoctl(handle, SIO_LOOPBACK_FAST_PATH, &on, sizeof on, nullptr, 0, &bytes,
                              nullptr, nullptr);
  if (failed != 0) throw std::system_error(WSAGetLastError(), std::system_category());
}
