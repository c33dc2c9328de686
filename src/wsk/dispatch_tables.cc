// One table for each kind of socket; a socket's kind never changes, so neither does its table.
#include "wsk/dispatch_tables.h"

namespace oriel::wsk {
namespace {

constexpr WSK_PROVIDER_BASIC_DISPATCH kBasic = {wsk_control_socket, wsk_close_socket};
constexpr WSK_PROVIDER_LISTEN_DISPATCH kListen = {kBasic, wsk_bind, wsk_accept,
                                                  wsk_inspect_complete, wsk_get_local_address};
constexpr WSK_PROVIDER_DATAGRAM_DISPATCH kDatagram = {kBasic,
                                                      wsk_bind,
                                                      wsk_send_to,
                                                      wsk_receive_from,
                                                      wsk_release_datagrams,
                                                      wsk_get_local_address,
                                                      wsk_send_messages};
constexpr WSK_PROVIDER_CONNECTION_DISPATCH kConnection = {
    kBasic,   wsk_bind,    wsk_connect,    wsk_get_local_address, wsk_get_remote_address,
    wsk_send, wsk_receive, wsk_disconnect, wsk_release,           wsk_connect_ex,
    nullptr,  nullptr};
constexpr WSK_PROVIDER_STREAM_DISPATCH kStream = {kBasic,
                                                  wsk_bind,
                                                  wsk_accept,
                                                  wsk_connect,
                                                  wsk_listen,
                                                  wsk_send,
                                                  wsk_receive,
                                                  wsk_disconnect,
                                                  wsk_release,
                                                  wsk_get_local_address,
                                                  wsk_get_remote_address,
                                                  wsk_connect_ex,
                                                  nullptr,
                                                  nullptr};
constexpr WSK_PROVIDER_DISPATCH kProvider = {MAKE_WSK_VERSION(1, 0),
                                             0,
                                             wsk_socket,
                                             wsk_socket_connect,
                                             wsk_control_client,
                                             wsk_get_address_info,
                                             wsk_free_address_info,
                                             wsk_get_name_info};

}  // namespace

const WSK_PROVIDER_DISPATCH& provider_dispatch() {
  return kProvider;
}

const WSK_PROVIDER_CONNECTION_DISPATCH* connection_dispatch() {
  return &kConnection;
}

const void* dispatch_of(ULONG flags) {
  switch (flags) {
    case WSK_FLAG_BASIC_SOCKET:
      return &kBasic;
    case WSK_FLAG_LISTEN_SOCKET:
      return &kListen;
    case WSK_FLAG_CONNECTION_SOCKET:
      return &kConnection;
    case WSK_FLAG_DATAGRAM_SOCKET:
      return &kDatagram;
    case WSK_FLAG_STREAM_SOCKET:
      return &kStream;
    default:
      return nullptr;
  }
}

}  // namespace oriel::wsk
