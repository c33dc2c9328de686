// What a PWSK_SOCKET points to, and how a call gets from there to the socket.
//
// Heads are made of memory that is never given back and comes into use again late, so a call on a
// socket that was closed before, or is being closed in another thread, finds that out instead of
// touching what is gone. Drivers may not do that; checks say so (wdm/checks.h).
#pragma once

#include <wsk.h>

#include <atomic>

#include "runtime/lock.h"
#include "runtime/ref.h"

namespace oriel::wsk {

class Socket;

/// Heads that wait before they are used again.
inline constexpr std::size_t kClosedHeadsKept = 4096;

struct SocketHead {
  WSK_SOCKET shown{};  ///< first: its address is the program's PWSK_SOCKET
  runtime::Lock lock;
  std::atomic<Socket*> socket{nullptr};  ///< counted; nullptr: closed. Changes with the lock
  SocketHead* next = nullptr;
};

/// A head that shows `dispatch` and holds `socket`. Thread: any.
PWSK_SOCKET make_head(runtime::Ref<Socket> socket, const void* dispatch);
/// Empty: NULL, or closed. Thread: any.
runtime::Ref<Socket> find_socket(PWSK_SOCKET shown);
/// Whether the head shows that socket, which may be gone, just now. Thread: any.
bool shows(PWSK_SOCKET shown, const Socket* socket);
/// Takes the socket out of its head, once: what comes after finds it closed. Thread: any.
runtime::Ref<Socket> take_from_head(PWSK_SOCKET shown);

}  // namespace oriel::wsk
