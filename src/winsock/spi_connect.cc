// WSPConnect. A blocking call waits for the outcome; a non-blocking one says WSAEWOULDBLOCK and the
// outcome shows as readiness and SO_ERROR. Datagram sockets get a peer at once.
#include "winsock/base_provider.h"
#include "winsock/spi_call.h"

namespace oriel::winsock {
namespace {

int connect_stream(Socket& socket, Turn& turn, const Endpoint& to) {
  if (const int e = socket.begin_connect(turn.core(), to); e != 0) return e;
  if (socket.is_non_blocking()) return WSAEWOULDBLOCK;
  CallRequest request;
  request.kind = socket::Request::Kind::kConnect;
  const ErrorCode e = wait_for(
      socket, turn, request, 0,
      [&](socket::Request& r) { socket.stream()->submit(turn->now(), r); },
      [](socket::Request&) {});
  if (e != ErrorCode::kOk && !socket.is_closed()) socket.take_error();  // told here
  return blocking_error(e);
}

int connect_call(SOCKET s, const sockaddr* name, int name_bytes) {
  const auto socket = find_socket(s);
  if (!socket) return no_socket_error();
  if (is_bad_pointer(name)) return WSAEFAULT;
  Endpoint to;
  const bool is_disconnect = !socket->is_stream() && name_bytes >= int{sizeof(name->sa_family)} &&
                             name->sa_family == AF_UNSPEC;
  if (!is_disconnect) {
    const int e = read_sockaddr(name, name_bytes, socket->kind().family, to);
    if (e != 0) return e;
  }
  Turn turn(socket->host());
  if (!socket->is_stream()) return socket->connect_datagrams(turn.core(), to);
  return connect_stream(*socket, turn, to);
}

}  // namespace

int WSPAPI spi_connect(SOCKET s, const sockaddr* name, int namelen, LPWSABUF /*caller_data*/,
                       LPWSABUF /*callee_data*/, LPQOS /*sqos*/, LPQOS /*gqos*/, LPINT error) {
  return end_call(connect_call(s, name, namelen), error);
}

}  // namespace oriel::winsock
