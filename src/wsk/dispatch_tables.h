// The functions that WSK's tables lead to, and the tables. Files: *_calls.cc, control_*.cc.
#pragma once

#include <wsk.h>

namespace oriel::wsk {

const WSK_PROVIDER_DISPATCH& provider_dispatch();
/// Of accepted sockets, and those made with WskSocketConnect.
const WSK_PROVIDER_CONNECTION_DISPATCH* connection_dispatch();
/// Of sockets made with these flags of WskSocket; nullptr: no kind of socket.
const void* dispatch_of(ULONG flags);

// client_calls.cc, client_control.cc, name_calls.cc
NTSTATUS WSKAPI wsk_socket(PWSK_CLIENT client, ADDRESS_FAMILY family, USHORT type, ULONG protocol,
                           ULONG flags, PVOID context, const VOID* dispatch, PEPROCESS process,
                           PETHREAD thread, PSECURITY_DESCRIPTOR security, PIRP irp);
NTSTATUS WSKAPI wsk_socket_connect(PWSK_CLIENT client, USHORT type, ULONG protocol, PSOCKADDR local,
                                   PSOCKADDR remote, ULONG flags, PVOID context,
                                   const WSK_CLIENT_CONNECTION_DISPATCH* dispatch,
                                   PEPROCESS process, PETHREAD thread,
                                   PSECURITY_DESCRIPTOR security, PIRP irp);
NTSTATUS WSKAPI wsk_control_client(PWSK_CLIENT client, ULONG code, SIZE_T in_bytes, PVOID in,
                                   SIZE_T out_bytes, PVOID out, SIZE_T* returned, PIRP irp);
NTSTATUS WSKAPI wsk_get_address_info(PWSK_CLIENT client, PUNICODE_STRING node,
                                     PUNICODE_STRING service, ULONG name_space, GUID* provider,
                                     PADDRINFOEXW hints, PADDRINFOEXW* result, PEPROCESS process,
                                     PETHREAD thread, PIRP irp);
VOID WSKAPI wsk_free_address_info(PWSK_CLIENT client, PADDRINFOEXW info);
NTSTATUS WSKAPI wsk_get_name_info(PWSK_CLIENT client, PSOCKADDR address, ULONG address_bytes,
                                  PUNICODE_STRING node, PUNICODE_STRING service, ULONG flags,
                                  PEPROCESS process, PETHREAD thread, PIRP irp);

// control_socket.cc, address_calls.cc
NTSTATUS WSKAPI wsk_control_socket(PWSK_SOCKET socket, WSK_CONTROL_SOCKET_TYPE type, ULONG code,
                                   ULONG level, SIZE_T in_bytes, PVOID in, SIZE_T out_bytes,
                                   PVOID out, SIZE_T* returned, PIRP irp);
NTSTATUS WSKAPI wsk_close_socket(PWSK_SOCKET socket, PIRP irp);
NTSTATUS WSKAPI wsk_bind(PWSK_SOCKET socket, PSOCKADDR local, ULONG flags, PIRP irp);
NTSTATUS WSKAPI wsk_get_local_address(PWSK_SOCKET socket, PSOCKADDR local, PIRP irp);
NTSTATUS WSKAPI wsk_get_remote_address(PWSK_SOCKET socket, PSOCKADDR remote, PIRP irp);

// listen_calls.cc
NTSTATUS WSKAPI wsk_listen(PWSK_SOCKET socket, PIRP irp);
NTSTATUS WSKAPI wsk_accept(PWSK_SOCKET socket, ULONG flags, PVOID context,
                           const WSK_CLIENT_CONNECTION_DISPATCH* dispatch, PSOCKADDR local,
                           PSOCKADDR remote, PIRP irp);
NTSTATUS WSKAPI wsk_inspect_complete(PWSK_SOCKET socket, PWSK_INSPECT_ID id,
                                     WSK_INSPECT_ACTION action, PIRP irp);

// connection_calls.cc, transfer_calls.cc
NTSTATUS WSKAPI wsk_connect(PWSK_SOCKET socket, PSOCKADDR remote, ULONG flags, PIRP irp);
NTSTATUS WSKAPI wsk_connect_ex(PWSK_SOCKET socket, PSOCKADDR remote, PWSK_BUF buffer, ULONG flags,
                               PIRP irp);
NTSTATUS WSKAPI wsk_disconnect(PWSK_SOCKET socket, PWSK_BUF buffer, ULONG flags, PIRP irp);
NTSTATUS WSKAPI wsk_send(PWSK_SOCKET socket, PWSK_BUF buffer, ULONG flags, PIRP irp);
NTSTATUS WSKAPI wsk_receive(PWSK_SOCKET socket, PWSK_BUF buffer, ULONG flags, PIRP irp);
NTSTATUS WSKAPI wsk_release(PWSK_SOCKET socket, PWSK_DATA_INDICATION list);

// datagram_calls.cc
NTSTATUS WSKAPI wsk_send_to(PWSK_SOCKET socket, PWSK_BUF buffer, ULONG flags, PSOCKADDR remote,
                            ULONG control_bytes, PCMSGHDR control, PIRP irp);
NTSTATUS WSKAPI wsk_send_messages(PWSK_SOCKET socket, PWSK_BUF_LIST buffers, ULONG flags,
                                  PSOCKADDR remote, ULONG control_bytes, PCMSGHDR control,
                                  PIRP irp);
NTSTATUS WSKAPI wsk_receive_from(PWSK_SOCKET socket, PWSK_BUF buffer, ULONG flags, PSOCKADDR remote,
                                 PULONG control_bytes, PCMSGHDR control, PULONG control_flags,
                                 PIRP irp);
NTSTATUS WSKAPI wsk_release_datagrams(PWSK_SOCKET socket, PWSK_DATAGRAM_INDICATION list);

}  // namespace oriel::wsk
