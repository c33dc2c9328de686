// The life of a socket: made, bound, listening, named, shut down, closed.
#include "winsock/base_provider.h"
#include "winsock/provider_host.h"
#include "winsock/spi_call.h"

namespace oriel::winsock {
namespace {

// What socket()'s three numbers mean together; an error where they mean nothing.
int kind_of(int family, int type, int protocol, DWORD flags, Socket::Kind& kind) {
  if (family != AF_INET && family != AF_INET6) return WSAEAFNOSUPPORT;
  if (type != SOCK_STREAM && type != SOCK_DGRAM) return WSAESOCKTNOSUPPORT;
  const int usual = type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
  if (protocol == 0) protocol = usual;
  if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP) return WSAEPROTONOSUPPORT;
  if (protocol != usual) return WSAEPROTOTYPE;
  kind = {family, type, protocol, (flags & WSA_FLAG_OVERLAPPED) != 0};
  return 0;
}

// SO_LINGER with a time: what was sent must be acknowledged by then, else the connection is reset.
int linger_for_sends(Socket& socket) {
  Turn turn(socket.host());
  const linger how = socket.options().lingering;
  if (how.l_onoff == 0 || how.l_linger == 0 || !socket.has_pending_sends()) return 0;
  if (socket.is_non_blocking()) return WSAEWOULDBLOCK;
  // The stream outlives another thread's close until this request is done.
  socket::StreamSocket& stream = *socket.stream();
  CallRequest drained;
  drained.kind = socket::Request::Kind::kSendBorrowed;  // of nothing: done when all is acknowledged
  (void)wait_for(
      socket, turn, drained, DWORD{how.l_linger} * 1000,
      [&](socket::Request& r) {
        stream.submit(turn->now(), r);
        (void)stream.shutdown_send(turn->now());
      },
      [&](socket::Request&) {
        stream.abort(turn->now(), ErrorCode::kConnectionAborted);
        turn->run_all();  // which ends the request
      },
      false);
  return 0;
}

}  // namespace

SOCKET WSPAPI spi_socket(int family, int type, int protocol, LPWSAPROTOCOL_INFOW info,
                         GROUP /*group*/, DWORD flags, LPINT error) {
  if (stack::ProcessHost::is_forked()) {
    end_call(WSAENETDOWN, error);
    return INVALID_SOCKET;
  }
  if (info != nullptr && info->dwProviderReserved != 0) return open_duplicate(*info, error);
  if (info != nullptr) {
    if (family == FROM_PROTOCOL_INFO || family == AF_UNSPEC) family = info->iAddressFamily;
    if (type == FROM_PROTOCOL_INFO || type == 0) type = info->iSocketType;
    if (protocol == FROM_PROTOCOL_INFO || protocol == 0) protocol = info->iProtocol;
  }
  Socket::Kind kind;
  int e = kind_of(family, type, protocol, flags, kind);
  auto host = provider_host();
  if (e == 0 && host == nullptr) e = WSAENETDOWN;
  if (e == 0) {
    auto socket = win32::make_ref<Socket>(std::move(host), kind);
    if (HANDLE handle = win32::handles().insert(std::move(socket))) {
      return reinterpret_cast<SOCKET>(handle);
    }
    e = WSAEMFILE;
  }
  end_call(e, error);
  return INVALID_SOCKET;
}

int WSPAPI spi_bind(SOCKET s, const sockaddr* name, int namelen, LPINT error) {
  const auto socket = find_socket(s);
  if (!socket) return end_call(no_socket_error(), error);
  Endpoint local;
  if (const int e = read_sockaddr(name, namelen, socket->kind().family, local); e != 0) {
    return end_call(e, error);
  }
  Turn turn(socket->host());
  return end_call(socket->bind(turn.core(), local), error);
}

int WSPAPI spi_listen(SOCKET s, int backlog, LPINT error) {
  const auto socket = find_socket(s);
  if (!socket) return end_call(no_socket_error(), error);
  Turn turn(socket->host());
  return end_call(socket->listen(turn.core(), backlog), error);
}

int WSPAPI spi_get_sock_name(SOCKET s, sockaddr* name, LPINT namelen, LPINT error) {
  const auto socket = find_socket(s);
  if (!socket) return end_call(no_socket_error(), error);
  std::optional<Endpoint> local;
  {
    Turn turn(socket->host());
    if (socket->is_closed()) return end_call(WSAENOTSOCK, error);
    local = socket->local(turn.core());
  }
  if (!local) return end_call(WSAEINVAL, error);
  return end_call(write_sockaddr(*local, socket->kind().family, name, namelen), error);
}

int WSPAPI spi_get_peer_name(SOCKET s, sockaddr* name, LPINT namelen, LPINT error) {
  const auto socket = find_socket(s);
  if (!socket) return end_call(no_socket_error(), error);
  std::optional<Endpoint> peer;
  {
    Turn turn(socket->host());
    if (socket->is_closed()) return end_call(WSAENOTSOCK, error);
    peer = socket->peer();
  }
  if (!peer) return end_call(WSAENOTCONN, error);
  return end_call(write_sockaddr(*peer, socket->kind().family, name, namelen), error);
}

int WSPAPI spi_shutdown(SOCKET s, int how, LPINT error) {
  const auto socket = find_socket(s);
  if (!socket) return end_call(no_socket_error(), error);
  if (how != SD_RECEIVE && how != SD_SEND && how != SD_BOTH) return end_call(WSAEINVAL, error);
  Turn turn(socket->host());
  return end_call(socket->shut_down(turn.core(), how), error);
}

int WSPAPI spi_send_disconnect(SOCKET s, LPWSABUF data, LPINT error) {
  if (data != nullptr && data->len != 0) return end_call(WSAENOPROTOOPT, error);
  return spi_shutdown(s, SD_SEND, error);
}

int WSPAPI spi_recv_disconnect(SOCKET s, LPWSABUF data, LPINT error) {
  if (data != nullptr) return end_call(WSAENOPROTOOPT, error);
  return spi_shutdown(s, SD_RECEIVE, error);
}

int WSPAPI spi_close_socket(SOCKET s, LPINT error) {
  const auto socket = find_socket(s);
  if (!socket) return end_call(no_socket_error(), error);
  if (socket->is_stream()) {
    if (const int e = linger_for_sends(*socket); e != 0) return end_call(e, error);
  }
  // While it lingered, another thread may have closed it, and its value may be another socket's.
  if (find_socket(s) != socket) return end_call(WSAENOTSOCK, error);
  const auto closed = win32::handles().close(reinterpret_cast<HANDLE>(s));
  return end_call(closed == win32::HandleTable::Closed::kClosed ? 0 : WSAENOTSOCK, error);
}

}  // namespace oriel::winsock
