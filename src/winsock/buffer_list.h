// A program's WSABUF array as a request takes it: captured when the call is made, so that the array
// may go while the request is under way.
#pragma once

#include <winsock2.h>

#include <array>
#include <cstddef>
#include <memory>
#include <new>

#include "socket/request.h"
#include "winsock/sockaddr.h"

namespace oriel::winsock {

inline constexpr DWORD kBuffersMax = 65536;  ///< of one call

class BufferList {
 public:
  /// Gives `buffers` to `request`, which must not outlive this. Returns 0, WSAEINVAL (none, or more
  /// than kBuffersMax), WSAEFAULT (bad pointers) or WSAENOBUFS.
  int capture(const WSABUF* buffers, DWORD count, socket::Request& request) {
    if (is_bad_pointer(buffers)) return count == 0 ? WSAEINVAL : WSAEFAULT;
    if (count == 0 || count > kBuffersMax) return WSAEINVAL;
    if (count == 1) {
      if (buffers->len != 0 && is_bad_pointer(buffers->buf)) return WSAEFAULT;
      request.data = reinterpret_cast<std::uint8_t*>(buffers->buf);
      request.size = buffers->len;
      return 0;
    }
    ByteSpan* to = few_.data();
    if (count > few_.size()) {
      many_.reset(new (std::nothrow) ByteSpan[count]);
      if (many_ == nullptr) return WSAENOBUFS;
      to = many_.get();
    }
    request.pieces = to;
    request.size = 0;
    for (DWORD i = 0; i < count; ++i) {
      const WSABUF& b = buffers[i];
      if (b.len != 0 && is_bad_pointer(b.buf)) return WSAEFAULT;
      to[i] = ByteSpan(reinterpret_cast<std::uint8_t*>(b.buf), b.len);
      request.size += b.len;
    }
    return 0;
  }

 private:
  std::array<ByteSpan, 8> few_;
  std::unique_ptr<ByteSpan[]> many_;
};

}  // namespace oriel::winsock
