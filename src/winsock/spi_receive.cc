// WSPRecv and WSPRecvFrom.
//
// A stream's receive ends with what is there, MSG_WAITALL with all that was asked for. A datagram
// that does not fit is cut: WSAEMSGSIZE, with the bytes that did fit.
#include "winsock/base_provider.h"
#include "winsock/datagram_calls.h"
#include "winsock/lane_cache.h"
#include "winsock/operation.h"
#include "winsock/spi_call.h"

namespace oriel::winsock {
namespace {

using Kind = socket::Request::Kind;

struct ReceiveCall {
  LPWSABUF buffers;
  DWORD count;
  LPDWORD received;
  LPDWORD flags;
  sockaddr* from;
  LPINT from_bytes;
  OverlappedArguments how;
};

constexpr DWORD kReceiveFlags = MSG_OOB | MSG_PEEK | MSG_WAITALL | MSG_PARTIAL | MSG_PUSH_IMMEDIATE;

int check(const Socket& socket, const ReceiveCall& call) {
  if (is_bad_pointer(call.buffers) || is_bad_pointer(call.flags)) return WSAEFAULT;
  const DWORD flags = *call.flags;
  if ((flags & ~kReceiveFlags) != 0) return WSAEOPNOTSUPP;
  if ((flags & MSG_OOB) != 0 && !socket.is_stream()) return WSAEOPNOTSUPP;
  if ((flags & MSG_WAITALL) != 0) {
    if (!socket.is_stream()) return WSAEOPNOTSUPP;
    if ((flags & (MSG_PEEK | MSG_OOB)) != 0) return WSAEOPNOTSUPP;
    // Waiting for more than is there needs a call that may wait.
    if (socket.is_non_blocking() && !call.how.is_overlapped(socket)) return WSAEOPNOTSUPP;
  }
  if (call.from != nullptr) {
    if (is_bad_pointer(call.from) || is_bad_pointer(call.from_bytes)) return WSAEFAULT;
    if (!socket.is_stream() && *call.from_bytes < sockaddr_bytes(socket.kind().family)) {
      return WSAEFAULT;
    }
  }
  if (call.how.is_overlapped(socket)) return call.how.has_bad_pointer() ? WSAEFAULT : 0;
  return is_bad_pointer(call.received) ? WSAEFAULT : 0;
}

void set_kind(const Socket& socket, DWORD flags, socket::Request& request) {
  request.kind = socket.is_stream() ? Kind::kReceive : Kind::kReceiveFrom;
  request.is_peek = (flags & MSG_PEEK) != 0;
  request.is_wait_all = (flags & MSG_WAITALL) != 0;
  request.is_urgent = (flags & MSG_OOB) != 0;
}

int receive_stream_blocking(Socket& socket, Turn& turn, CallRequest& request) {
  socket::StreamSocket& stream = *socket.stream();
  ErrorCode e = stream.try_now(turn->now(), request);
  if (e != ErrorCode::kWouldBlock || socket.is_non_blocking()) return wsa_error_of(e);
  const DWORD timeout_ms = socket.options().rcv_timeout_ms;
  if (const auto ended = wait_at_transport(socket, turn, request, timeout_ms)) {
    return blocking_error(*ended);
  }
  e = wait_for(
      socket, turn, request, timeout_ms, [&](socket::Request& r) { stream.submit(turn->now(), r); },
      [&](socket::Request& r) {
        if (socket.stream() != nullptr) socket.stream()->cancel(turn->now(), r);
      });
  return blocking_error(e);
}

int receive_blocking(Socket& socket, Turn& turn, const ReceiveCall& call) {
  CallRequest request;
  BufferList list;
  if (const int e = list.capture(call.buffers, call.count, request); e != 0) return e;
  set_kind(socket, *call.flags, request);
  const int e = socket.is_stream() ? receive_stream_blocking(socket, turn, request)
                                   : receive_datagram_blocking(socket, turn, request);
  if (e != 0) return e;
  *call.received = static_cast<DWORD>(request.done);
  *call.flags = request.is_urgent ? MSG_OOB : 0;
  if (socket.is_stream()) return 0;
  if (call.from != nullptr) {
    write_sockaddr(request.source, socket.kind().family, call.from, call.from_bytes);
  }
  if (request.datagram_bytes <= request.size) return 0;
  *call.flags = MSG_PARTIAL;
  return WSAEMSGSIZE;
}

int receive_overlapped(const win32::Ref<Socket>& socket, Turn& turn, const ReceiveCall& call) {
  auto operation = std::make_unique<Operation>(socket, call.how);
  if (const int e = operation->buffers.capture(call.buffers, call.count, *operation); e != 0) {
    return e;
  }
  set_kind(*socket, *call.flags, *operation);
  if (!socket->is_stream()) {
    operation->from = call.from;
    operation->from_bytes = call.from_bytes;
  }
  operation->tell_bytes(call.received);
  operation->told_flags = call.flags;
  return Operation::issue(std::move(operation), [&](Operation& o) {
    if (socket->is_stream()) return socket->stream()->submit(turn->now(), o);
    socket->datagrams()->submit(o);
  });
}

int receive(SOCKET s, const ReceiveCall& call) {
  const win32::Ref<Socket> socket = find_socket(s);
  if (!socket) return no_socket_error();
  if (const int e = check(*socket, call); e != 0) return e;
  Turn turn(socket->host());
  if (const int e = socket->receive_refusal(); e != 0) return e;
  const bool is_urgent = (*call.flags & MSG_OOB) != 0;
  const int e = call.how.is_overlapped(*socket) ? receive_overlapped(socket, turn, call)
                                                : receive_blocking(*socket, turn, call);
  socket->note_receive(is_urgent);
  if (e == 0 && !is_urgent && !call.how.is_overlapped(*socket)) {
    offer_lane(s, socket->lend_lane());
  }
  return e;
}

}  // namespace

int receive_datagram_blocking(Socket& socket, Turn& turn, CallRequest& request) {
  socket::UdpSocket& datagrams = *socket.datagrams();
  ErrorCode e = datagrams.try_receive(request);
  if (e == ErrorCode::kWouldBlock && !socket.is_non_blocking()) {
    e = wait_for(
        socket, turn, request, socket.options().rcv_timeout_ms,
        [&](socket::Request& r) { datagrams.submit(static_cast<CallRequest&>(r)); },
        [&](socket::Request& r) {
          if (socket.datagrams() != nullptr) socket.datagrams()->cancel(r);
        });
  }
  return blocking_error(datagram_error(e));
}

int WSPAPI spi_recv(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                    LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                    LPWSATHREADID thread, LPINT error) {
  const ReceiveCall call{
      buffers, count, received, flags, nullptr, nullptr, {overlapped, routine, thread}};
  return end_call(receive(s, call), error);
}

int WSPAPI spi_recv_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                         sockaddr* from, LPINT fromlen, LPWSAOVERLAPPED overlapped,
                         LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                         LPINT error) {
  const ReceiveCall call{
      buffers, count, received, flags, from, fromlen, {overlapped, routine, thread}};
  return end_call(receive(s, call), error);
}

}  // namespace oriel::winsock
