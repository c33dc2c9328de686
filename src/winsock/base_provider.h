// The base provider as the front-end sees it: WSPStartup, its 30 functions, and what has no place
// in the table.
//
// base_provider.cc puts the table together and keeps the upcalls; the functions are in spi_*.cc.
// All of them report errors through lpErrno and never touch the last error. Nothing here is called
// before base_wsp_startup has succeeded, but for base_poll.
#pragma once

#include <winsock2.h>
#include <ws2spi.h>

namespace oriel::winsock {

/// WSPStartup of the base provider: negotiates 2.2 (WSAVERNOTSUPPORTED below 2.0), keeps `upcalls`
/// (the latest wins), acquires the process's host (WSASYSNOTREADY), fills `data` and `table`. NULL
/// pointers: WSAEFAULT. Returns the error. Counted: one WSPCleanup each. Thread: any.
int WSPAPI base_wsp_startup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                            WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE table);

/// What the base provider calls back: WPUQueueApc, WPUCreateEvent, ... Requires: started. Thread:
/// any.
const WSPUPCALLTABLE& base_upcalls();

/// WSAPoll on the base provider's sockets: how many have events, or SOCKET_ERROR and `*error`.
/// `timeout_ms` below 0: for ever. Thread: any; blocks.
int base_poll(WSAPOLLFD* fds, ULONG count, INT timeout_ms, INT* error);

// The 30 functions, in the order of WSPPROC_TABLE.
SOCKET WSPAPI spi_accept(SOCKET s, sockaddr* addr, LPINT addrlen, LPCONDITIONPROC condition,
                         DWORD_PTR callback_data, LPINT error);
INT WSPAPI spi_address_to_string(LPSOCKADDR address, DWORD address_bytes, LPWSAPROTOCOL_INFOW info,
                                 LPWSTR text, LPDWORD text_length, LPINT error);
int WSPAPI spi_async_select(SOCKET s, HWND window, unsigned int message, LONG events, LPINT error);
int WSPAPI spi_bind(SOCKET s, const sockaddr* name, int namelen, LPINT error);
int WSPAPI spi_cancel_blocking_call(LPINT error);
int WSPAPI spi_cleanup(LPINT error);
int WSPAPI spi_close_socket(SOCKET s, LPINT error);
int WSPAPI spi_connect(SOCKET s, const sockaddr* name, int namelen, LPWSABUF caller_data,
                       LPWSABUF callee_data, LPQOS sqos, LPQOS gqos, LPINT error);
int WSPAPI spi_duplicate_socket(SOCKET s, DWORD process_id, LPWSAPROTOCOL_INFOW info, LPINT error);
int WSPAPI spi_enum_network_events(SOCKET s, WSAEVENT event, LPWSANETWORKEVENTS events,
                                   LPINT error);
int WSPAPI spi_event_select(SOCKET s, WSAEVENT event, LONG events, LPINT error);
BOOL WSPAPI spi_get_overlapped_result(SOCKET s, LPWSAOVERLAPPED overlapped, LPDWORD bytes,
                                      BOOL is_waiting, LPDWORD flags, LPINT error);
int WSPAPI spi_get_peer_name(SOCKET s, sockaddr* name, LPINT namelen, LPINT error);
int WSPAPI spi_get_sock_name(SOCKET s, sockaddr* name, LPINT namelen, LPINT error);
int WSPAPI spi_get_sock_opt(SOCKET s, int level, int option, char* value, LPINT value_bytes,
                            LPINT error);
BOOL WSPAPI spi_get_qos_by_name(SOCKET s, LPWSABUF name, LPQOS qos, LPINT error);
int WSPAPI spi_ioctl(SOCKET s, DWORD code, LPVOID in, DWORD in_bytes, LPVOID out, DWORD out_bytes,
                     LPDWORD returned, LPWSAOVERLAPPED overlapped,
                     LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread, LPINT error);
SOCKET WSPAPI spi_join_leaf(SOCKET s, const sockaddr* name, int namelen, LPWSABUF caller_data,
                            LPWSABUF callee_data, LPQOS sqos, LPQOS gqos, DWORD flags, LPINT error);
int WSPAPI spi_listen(SOCKET s, int backlog, LPINT error);
int WSPAPI spi_recv(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                    LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                    LPWSATHREADID thread, LPINT error);
int WSPAPI spi_recv_disconnect(SOCKET s, LPWSABUF data, LPINT error);
int WSPAPI spi_recv_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                         sockaddr* from, LPINT fromlen, LPWSAOVERLAPPED overlapped,
                         LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                         LPINT error);
int WSPAPI spi_select(int nfds, fd_set* readfds, fd_set* writefds, fd_set* exceptfds,
                      const timeval* timeout, LPINT error);
int WSPAPI spi_send(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                    LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                    LPWSATHREADID thread, LPINT error);
int WSPAPI spi_send_disconnect(SOCKET s, LPWSABUF data, LPINT error);
int WSPAPI spi_send_to(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                       const sockaddr* to, int tolen, LPWSAOVERLAPPED overlapped,
                       LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                       LPINT error);
int WSPAPI spi_set_sock_opt(SOCKET s, int level, int option, const char* value, int value_bytes,
                            LPINT error);
int WSPAPI spi_shutdown(SOCKET s, int how, LPINT error);
SOCKET WSPAPI spi_socket(int family, int type, int protocol, LPWSAPROTOCOL_INFOW info, GROUP group,
                         DWORD flags, LPINT error);
/// A second descriptor of the socket that spi_duplicate_socket described; WSAEINVAL: it has closed.
SOCKET open_duplicate(const WSAPROTOCOL_INFOW& info, LPINT error);
INT WSPAPI spi_string_to_address(LPWSTR text, INT family, LPWSAPROTOCOL_INFOW info,
                                 LPSOCKADDR address, LPINT address_bytes, LPINT error);

}  // namespace oriel::winsock
