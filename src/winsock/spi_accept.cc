// WSPAccept: from the listener's queue to a socket of its own, past the program's condition.
//
//   connection --condition--> socket
//   held request (SO_CONDITIONAL_ACCEPT) --condition--> handshake --> socket
//
// The condition function runs without the turn; meanwhile what it decides on belongs to this call.
// What is deferred goes back to the front of the queue. A call that may not wait ends with
// WSAEWOULDBLOCK once it has let a request in; the accept after the handshake does not ask again.
#include "winsock/base_provider.h"
#include "winsock/condition_call.h"
#include "winsock/spi_call.h"

namespace oriel::winsock {
namespace {

struct Pending {
  socket::Transport* stream = nullptr;
  Endpoint local;
  Endpoint remote;
  bool is_held = false;     // a request, no connection yet
  bool is_decided = false;  // by an earlier accept
};

int refusal(const Socket& socket) {
  if (socket.is_closed()) return WSAENOTSOCK;
  if (!socket.is_stream()) return WSAEOPNOTSUPP;
  return socket.listener() == nullptr ? WSAEINVAL : 0;
}

// The next connection, or the next request to ask about; it waits if the socket may.
int take(Socket& socket, Turn& turn, bool is_asking, Pending& out) {
  if (const int e = refusal(socket); e != 0) return e;
  socket::Listener& listener = *socket.listener();
  out.stream = listener.try_accept();
  if (out.stream == nullptr && (is_asking || socket.is_non_blocking())) {
    out.stream = listener.try_take_held();
  }
  if (out.stream == nullptr) {
    if (socket.is_non_blocking()) return WSAEWOULDBLOCK;
    CallRequest request;
    request.kind = socket::Request::Kind::kAccept;
    request.is_asking = is_asking;
    const ErrorCode e = wait_for(
        socket, turn, request, 0, [&](socket::Request& r) { socket.listener()->submit(r); },
        [](socket::Request&) {});
    if (e != ErrorCode::kOk) return blocking_error(e);
    out.stream = request.accepted;
  }
  socket.note_accept();
  out.local = out.stream->local();
  out.remote = out.stream->remote();
  out.is_held = out.stream->as_held() != nullptr;
  out.is_decided = socket::Listener::is_decided(*out.stream);
  return 0;
}

// A request goes on to its handshake, and this call waits for the end of that if it may. REQ LFP-10
int let_in(Socket& socket, Pending& pending) {
  Turn turn(socket.host());
  socket::HeldRequest& held = *pending.stream->as_held();
  if (socket.is_closed()) {
    turn->refuse(held);
    return WSAEINTR;
  }
  const bool has_peer_gone = held.has_ended();
  pending.stream = socket.listener()->permit(held);
  if (pending.stream == nullptr) return has_peer_gone ? WSAECONNRESET : WSAENOBUFS;
  if (socket.is_non_blocking()) {
    socket.note_accept();
    return WSAEWOULDBLOCK;
  }
  CallRequest request;
  request.kind = socket::Request::Kind::kAccept;
  request.is_asking = true;
  request.accepted = pending.stream;
  const ErrorCode e = wait_for(
      socket, turn, request, 0, [&](socket::Request& r) { socket.listener()->submit(r); },
      [](socket::Request&) {});
  return e == ErrorCode::kOk ? 0 : blocking_error(e);
}

// Asks the program: CF_ACCEPT, CF_REJECT or CF_DEFER.
int ask(const Socket& socket, const Pending& pending, LPCONDITIONPROC condition, DWORD_PTR data) {
  sockaddr_storage caller{}, callee{};
  INT caller_bytes = sizeof caller;
  INT callee_bytes = sizeof callee;
  const int family = socket.kind().family;
  write_sockaddr(pending.remote, family, reinterpret_cast<sockaddr*>(&caller), &caller_bytes);
  write_sockaddr(pending.local, family, reinterpret_cast<sockaddr*>(&callee), &callee_bytes);
  WSABUF caller_id{static_cast<ULONG>(caller_bytes), reinterpret_cast<CHAR*>(&caller)};
  WSABUF callee_id{static_cast<ULONG>(callee_bytes), reinterpret_cast<CHAR*>(&callee)};
  WSABUF callee_data{0, nullptr};
  GROUP group = 0;
  const ConditionCall running;
  return condition(&caller_id, nullptr, nullptr, nullptr, &callee_id, &callee_data, &group, data);
}

// The connection becomes a socket with a handle.
int make_accepted(Socket& listening, const Pending& pending, SOCKET& out) {
  auto child = win32::make_ref<Socket>(listening.shared_host(), listening.kind());
  {
    Turn turn(listening.host());
    if (!child->adopt(turn.core(), *pending.stream)) return WSAENOBUFS;
    child->inherit(turn.core(), listening);
    child->set_non_blocking(listening.is_non_blocking());
    child->events().inherit(listening.events());
    child->want_read();
  }
  const HANDLE handle = win32::handles().insert(child);
  if (handle == nullptr) {
    child->on_last_handle();
    return WSAEMFILE;
  }
  out = reinterpret_cast<SOCKET>(handle);
  return 0;
}

int refuse(Socket& listening, const Pending& pending, int verdict) {
  Turn turn(listening.host());
  if (verdict == CF_DEFER && listening.listener() != nullptr) {
    listening.listener()->put_back(turn->now(), *pending.stream);
    return WSATRY_AGAIN;
  }
  turn->refuse(*pending.stream);
  return WSAECONNREFUSED;
}

int accept(SOCKET s, sockaddr* addr, LPINT addrlen, LPCONDITIONPROC condition, DWORD_PTR data,
           SOCKET& out) {
  const auto socket = find_socket(s);
  if (!socket) return no_socket_error();
  if (addr != nullptr) {
    if (is_bad_pointer(addr) || is_bad_pointer(addrlen)) return WSAEFAULT;
    if (*addrlen < sockaddr_bytes(socket->kind().family)) return WSAEFAULT;
  }
  Pending pending;
  {
    Turn turn(socket->host());
    if (const int e = take(*socket, turn, condition != nullptr, pending); e != 0) return e;
  }
  if (condition != nullptr && !pending.is_decided) {
    const int verdict = ask(*socket, pending, condition, data);
    if (verdict != CF_ACCEPT) return refuse(*socket, pending, verdict);
  }
  if (pending.is_held) {
    if (const int e = let_in(*socket, pending); e != 0) return e;
  }
  if (const int e = make_accepted(*socket, pending, out); e != 0) return e;
  if (addr != nullptr) write_sockaddr(pending.remote, socket->kind().family, addr, addrlen);
  return 0;
}

}  // namespace

SOCKET WSPAPI spi_accept(SOCKET s, sockaddr* addr, LPINT addrlen, LPCONDITIONPROC condition,
                         DWORD_PTR callback_data, LPINT error) {
  SOCKET accepted = INVALID_SOCKET;
  end_call(accept(s, addr, addrlen, condition, callback_data, accepted), error);
  return accepted;
}

}  // namespace oriel::winsock
