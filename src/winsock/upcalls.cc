// The 15 upcalls. Events and threads are kernel32's; what remains are socket handles, with or
// without a file object of the base provider behind them.
#include "winsock/upcalls.h"

#include <windows.h>

#include "win32/handle_table.h"
#include "win32/last_error.h"
#include "winsock/catalogue.h"
#include "winsock/layered_socket.h"
#include "winsock/socket_bindings.h"

namespace oriel::winsock {
namespace {

template <class Result>
Result refuse(INT reason, Result failed, LPINT error) {
  if (error != nullptr) *error = reason;
  return failed;
}

// kernel32's answer, with its error where the provider looks for it.
BOOL told(BOOL is_done, LPINT error) {
  return is_done ? TRUE : refuse(static_cast<INT>(win32::last_error()), BOOL{FALSE}, error);
}

BOOL WSPAPI close_event(WSAEVENT event, LPINT error) {
  return told(CloseHandle(event), error);
}
BOOL WSPAPI reset_event(WSAEVENT event, LPINT error) {
  return told(ResetEvent(event), error);
}
BOOL WSPAPI set_event(WSAEVENT event, LPINT error) {
  return told(SetEvent(event), error);
}

WSAEVENT WSPAPI create_event(LPINT error) {
  const HANDLE event = CreateEventW(nullptr, TRUE, FALSE, nullptr);
  return event != nullptr ? event : refuse(WSAENOBUFS, HANDLE{}, error);
}

SOCKET WSPAPI create_socket_handle(DWORD entry_id, DWORD_PTR context, LPINT error) {
  Catalogue& catalogue = Catalogue::instance();
  CatalogueEntry entry;
  const WSPPROC_TABLE* table = nullptr;
  INT reason = catalogue.find_id(entry_id, entry);
  if (reason == 0) reason = catalogue.start(entry, table);
  if (reason != 0) return refuse(reason, SOCKET{INVALID_SOCKET}, error);
  const HANDLE handle = win32::handles().insert(win32::make_ref<LayeredSocket>(context));
  if (handle == nullptr) return refuse(WSAENOBUFS, SOCKET{INVALID_SOCKET}, error);
  const auto s = reinterpret_cast<SOCKET>(handle);
  SocketBindings::instance().bind(s, *table);
  return s;
}

int WSPAPI close_socket_handle(SOCKET s, LPINT error) {
  const HANDLE handle = reinterpret_cast<HANDLE>(s);
  if (!win32::handles().find_as<LayeredSocket>(handle)) {
    return refuse(WSAENOTSOCK, int{SOCKET_ERROR}, error);
  }
  SocketBindings::instance().take(s);
  win32::handles().close(handle);
  return 0;
}

int WSPAPI query_socket_handle_context(SOCKET s, PDWORD_PTR context, LPINT error) {
  if (context == nullptr) return refuse(WSAEFAULT, int{SOCKET_ERROR}, error);
  const auto socket = win32::handles().find_as<LayeredSocket>(reinterpret_cast<HANDLE>(s));
  if (!socket) return refuse(WSAENOTSOCK, int{SOCKET_ERROR}, error);
  *context = socket->context();
  return 0;
}

// The handle stays the base provider's; calls with it go through the layer from now on.
SOCKET WSPAPI modify_ifs_handle(DWORD entry_id, SOCKET proposed, LPINT error) {
  Catalogue& catalogue = Catalogue::instance();
  CatalogueEntry entry;
  const WSPPROC_TABLE* table = nullptr;
  INT reason = catalogue.find_id(entry_id, entry);
  if (reason == 0) reason = catalogue.start(entry, table);
  if (reason != 0) return refuse(reason, SOCKET{INVALID_SOCKET}, error);
  const auto file = win32::handles().find_as<win32::FileObject>(reinterpret_cast<HANDLE>(proposed));
  if (!file) return refuse(WSAENOTSOCK, SOCKET{INVALID_SOCKET}, error);
  if (!catalogue.is_base(*table)) SocketBindings::instance().bind(proposed, *table);
  return proposed;
}

int WSPAPI is_set(SOCKET s, fd_set* set) {
  return __WSAFDIsSet(s, set);
}

int WSPAPI provider_path(LPGUID id, WCHAR* path, LPINT length, LPINT error) {
  return WSCGetProviderPath(id, path, length, error);
}

BOOL WSPAPI post_message(HWND, UINT, WPARAM, LPARAM) {
  return FALSE;  // there are no windows
}

// No program can set a blocking hook, so there is never a callback.
int WSPAPI query_blocking_callback(DWORD, LPBLOCKINGCALLBACK* callback, PDWORD_PTR context,
                                   LPINT error) {
  if (callback == nullptr || context == nullptr) return refuse(WSAEFAULT, int{SOCKET_ERROR}, error);
  *callback = nullptr;
  *context = 0;
  return 0;
}

// REQ WS-3
int WSPAPI queue_apc(LPWSATHREADID thread, LPWSAUSERAPC apc, DWORD_PTR context, LPINT error) {
  if (thread == nullptr || apc == nullptr) return refuse(WSAEFAULT, int{SOCKET_ERROR}, error);
  if (QueueUserAPC(apc, thread->ThreadHandle, context) != 0) return 0;
  return refuse(WSAEFAULT, int{SOCKET_ERROR}, error);
}

int WSPAPI open_current_thread(LPWSATHREADID thread, LPINT error) {
  if (thread == nullptr) return refuse(WSAEFAULT, int{SOCKET_ERROR}, error);
  *thread = {};
  const HANDLE process = GetCurrentProcess();
  if (DuplicateHandle(process, GetCurrentThread(), process, &thread->ThreadHandle, 0, FALSE,
                      DUPLICATE_SAME_ACCESS)) {
    return 0;
  }
  return refuse(WSAENOBUFS, int{SOCKET_ERROR}, error);
}

int WSPAPI close_thread(LPWSATHREADID thread, LPINT error) {
  if (thread == nullptr) return refuse(WSAEFAULT, int{SOCKET_ERROR}, error);
  return CloseHandle(thread->ThreadHandle) ? 0 : refuse(WSAEFAULT, int{SOCKET_ERROR}, error);
}

}  // namespace

WSPUPCALLTABLE upcall_table() {
  return {close_event,
          close_socket_handle,
          create_event,
          create_socket_handle,
          is_set,
          provider_path,
          modify_ifs_handle,
          post_message,
          query_blocking_callback,
          query_socket_handle_context,
          queue_apc,
          reset_event,
          set_event,
          open_current_thread,
          close_thread};
}

}  // namespace oriel::winsock
