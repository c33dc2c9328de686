// WSPSend and WSPSendTo.
//
// Streams take a send whole by the rule of socket/send_quota.h; with SO_SNDBUF 0 it leaves from
// where it lies and ends when it is acknowledged. Datagrams never wait.
#include "winsock/base_provider.h"
#include "winsock/datagram_calls.h"
#include "winsock/lane_cache.h"
#include "winsock/operation.h"
#include "winsock/spi_call.h"

namespace oriel::winsock {
namespace {

struct SendCall {
  LPWSABUF buffers;
  DWORD count;
  LPDWORD sent;
  DWORD flags;
  OverlappedArguments how;
};

constexpr DWORD kSendFlags = MSG_OOB | MSG_DONTROUTE | MSG_PARTIAL;

void set_kind(const Socket& socket, const SocketOptions& options, DWORD flags,
              socket::Request& request, bool may_borrow) {
  const bool is_borrowed = may_borrow && options.is_snd_buffer_set &&
                           options.snd_buffer_bytes == 0 && (flags & MSG_OOB) == 0;
  request.kind = is_borrowed ? socket::Request::Kind::kSendBorrowed : socket::Request::Kind::kSend;
  request.is_whole = !is_borrowed && socket.is_stream();
  request.is_urgent = (flags & MSG_OOB) != 0;
}

int send_stream_blocking(Socket& socket, Turn& turn, const SendCall& call) {
  CallRequest request;
  BufferList list;
  if (const int e = list.capture(call.buffers, call.count, request); e != 0) return e;
  const bool may_wait = !socket.is_non_blocking();
  // Borrowed bytes cannot be taken back: a call that may give up copies them.
  const bool may_borrow = may_wait && socket.options().snd_timeout_ms == 0;
  set_kind(socket, socket.options(), call.flags, request, may_borrow);
  ErrorCode e = ErrorCode::kWouldBlock;
  if (request.kind == socket::Request::Kind::kSend) {
    e = socket.stream()->try_now(turn->now(), request);
    const bool is_partial = e == ErrorCode::kOk && request.done < request.size;
    if (is_partial && may_wait) e = ErrorCode::kWouldBlock;  // the rest has to wait
    if (e == ErrorCode::kWouldBlock && may_wait) {
      const DWORD timeout_ms = socket.options().snd_timeout_ms;
      e = wait_at_transport(socket, turn, request, timeout_ms).value_or(ErrorCode::kWouldBlock);
    }
  }
  if (e == ErrorCode::kWouldBlock && may_wait) {
    const int lent = request.kind == socket::Request::Kind::kSendBorrowed ? 1 : 0;
    socket.note_lending_call(lent);
    e = wait_for(
        socket, turn, request, socket.options().snd_timeout_ms,
        [&](socket::Request& r) { socket.stream()->submit(turn->now(), r); },
        [&](socket::Request& r) {
          if (socket.stream() != nullptr) socket.stream()->cancel(turn->now(), r);
        });
    socket.note_lending_call(-lent);
  }
  if (e == ErrorCode::kWouldBlock) socket.note_send_refused();
  if (e != ErrorCode::kOk) return blocking_error(e);
  *call.sent = static_cast<DWORD>(request.done);
  return 0;
}

int send_stream_overlapped(const win32::Ref<Socket>& socket, Turn& turn, const SendCall& call) {
  auto operation = std::make_unique<Operation>(socket, call.how);
  if (const int e = operation->buffers.capture(call.buffers, call.count, *operation); e != 0) {
    return e;
  }
  set_kind(*socket, socket->options(), call.flags, *operation, true);
  operation->tell_bytes(call.sent);
  return Operation::issue(std::move(operation),
                          [&](Operation& o) { socket->stream()->submit(turn->now(), o); });
}

int send_datagram_call(const win32::Ref<Socket>& socket, Turn& turn, const Endpoint& to,
                       const SendCall& call) {
  if (const int e = prepare_datagram(*socket, turn, to); e != 0) return e;
  if (!call.how.is_overlapped(*socket)) {
    CallRequest request;
    BufferList list;
    if (const int e = list.capture(call.buffers, call.count, request); e != 0) return e;
    const ErrorCode e = send_datagram(*socket, turn, to, request);
    if (e == ErrorCode::kOk) *call.sent = static_cast<DWORD>(request.done);
    return wsa_error_of(e);
  }
  auto operation = std::make_unique<Operation>(socket, call.how);
  operation->kind = socket::Request::Kind::kSend;
  if (const int e = operation->buffers.capture(call.buffers, call.count, *operation); e != 0) {
    return e;
  }
  operation->tell_bytes(call.sent);
  return Operation::issue(std::move(operation),
                          [&](Operation& o) { o.complete(send_datagram(*socket, turn, to, o)); });
}

int check(const Socket& socket, const SendCall& call) {
  if ((call.flags & ~kSendFlags) != 0) return WSAEOPNOTSUPP;
  if ((call.flags & MSG_OOB) != 0 && !socket.is_stream()) return WSAEOPNOTSUPP;
  if (is_bad_pointer(call.buffers)) return WSAEFAULT;
  if (call.how.is_overlapped(socket)) {
    return call.how.has_bad_pointer() ? WSAEFAULT : 0;
  }
  return is_bad_pointer(call.sent) ? WSAEFAULT : 0;
}

int send(SOCKET s, const SendCall& call, const sockaddr* name, int name_bytes) {
  const win32::Ref<Socket> socket = find_socket(s);
  if (!socket) return no_socket_error();
  if (const int e = check(*socket, call); e != 0) return e;
  Turn turn(socket->host());
  if (const int e = socket->send_refusal(); e != 0) return e;
  if (socket->is_stream()) {
    if (call.how.is_overlapped(*socket)) return send_stream_overlapped(socket, turn, call);
    const int e = send_stream_blocking(*socket, turn, call);
    if (e == 0) offer_lane(s, socket->lend_lane());
    return e;
  }
  Endpoint to;
  if (name != nullptr) {
    if (const int e = read_sockaddr(name, name_bytes, socket->kind().family, to); e != 0) return e;
  } else if (const auto peer = socket->peer()) {
    to = *peer;
  } else {
    return WSAENOTCONN;
  }
  return send_datagram_call(socket, turn, to, call);
}

}  // namespace

ErrorCode send_datagram(Socket& socket, Turn& turn, const Endpoint& to, socket::Request& request,
                        socket::DatagramSend how, const IpAddress& source) {
  const SocketOptions& options = socket.options();
  how.may_broadcast = options.is_broadcast;
  how.dont_fragment = how.dont_fragment || options.is_whole_only;
  if (how.hop_limit == 0) how.hop_limit = options.hop_limit;  // what the message says goes first
  if (how.traffic_class == 0) how.traffic_class = options.traffic_class;
  const ByteView one(request.data, request.size);
  std::vector<ByteView> several;
  std::span<const ByteView> payload{&one, 1};
  if (request.pieces != nullptr) {
    std::size_t bytes = 0;
    for (const ByteSpan* p = request.pieces; bytes < request.size; ++p) {
      several.emplace_back(*p);
      bytes += p->size();
    }
    payload = several;
  }
  const auto sent = socket.datagrams()->send_to(turn->now(), to, payload, how, source);
  if (!sent) return sent.error().code;
  request.advance(request.size);
  return ErrorCode::kOk;
}

int prepare_datagram(Socket& socket, Turn& turn, const Endpoint& to) {
  if (const int e = socket.bind_if_unbound(turn.core()); e != 0) return e;
  if (!socket.datagrams()->may_reach(to.address)) return WSAEADDRNOTAVAIL;
  return to.port == 0 || to.address.is_unspecified() ? WSAEADDRNOTAVAIL : 0;
}

int WSPAPI spi_send(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                    LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                    LPWSATHREADID thread, LPINT error) {
  const SendCall call{buffers, count, sent, flags, {overlapped, routine, thread}};
  return end_call(send(s, call, nullptr, 0), error);
}

int WSPAPI spi_send_to(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                       const sockaddr* to, int tolen, LPWSAOVERLAPPED overlapped,
                       LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                       LPINT error) {
  const SendCall call{buffers, count, sent, flags, {overlapped, routine, thread}};
  return end_call(send(s, call, to, tolen), error);
}

}  // namespace oriel::winsock
