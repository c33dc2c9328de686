// The base provider's extension functions, which programs get by GUID
// (SIO_GET_EXTENSION_FUNCTION_POINTER) and call directly: they report through the thread's last
// error.
//
// Several of them are one overlapped call of several steps (accept, then receive): see Operation.
#pragma once

#include <mswsock.h>
#include <winsock2.h>

namespace oriel::winsock {

/// The function that `id` names; nullptr: there is none.
void* find_extension(const GUID& id);

BOOL PASCAL accept_ex(SOCKET listening, SOCKET accepting, PVOID buffer, DWORD receive_bytes,
                      DWORD local_bytes, DWORD remote_bytes, LPDWORD received,
                      LPOVERLAPPED overlapped);
VOID PASCAL get_accept_ex_sockaddrs(PVOID buffer, DWORD receive_bytes, DWORD local_bytes,
                                    DWORD remote_bytes, sockaddr** local, LPINT local_length,
                                    sockaddr** remote, LPINT remote_length);
BOOL PASCAL connect_ex(SOCKET s, const sockaddr* name, int name_bytes, PVOID data, DWORD bytes,
                       LPDWORD sent, LPOVERLAPPED overlapped);
INT PASCAL receive_message(SOCKET s, LPWSAMSG message, LPDWORD received, LPWSAOVERLAPPED overlapped,
                           LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);
INT PASCAL send_message(SOCKET s, LPWSAMSG message, DWORD flags, LPDWORD sent,
                        LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);
BOOL PASCAL transmit_file(SOCKET s, HANDLE file, DWORD bytes, DWORD bytes_per_send,
                          LPOVERLAPPED overlapped, LPTRANSMIT_FILE_BUFFERS buffers, DWORD flags);
BOOL PASCAL transmit_packets(SOCKET s, LPTRANSMIT_PACKETS_ELEMENT elements, DWORD count,
                             DWORD send_bytes, LPOVERLAPPED overlapped, DWORD flags);
BOOL PASCAL disconnect_ex(SOCKET s, LPOVERLAPPED overlapped, DWORD flags, DWORD reserved);

}  // namespace oriel::winsock
