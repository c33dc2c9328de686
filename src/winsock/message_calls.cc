// WSARecvMsg and WSASendMsg: one datagram with its addresses and control data.
//
// A message or control data that did not fit fails the call with WSAEMSGSIZE and shows as MSG_TRUNC
// or MSG_CTRUNC; what did fit is there.
#include "winsock/control_data.h"
#include "winsock/datagram_calls.h"
#include "winsock/extension_call.h"
#include "winsock/extensions.h"
#include "winsock/thread_state.h"

namespace oriel::winsock {
namespace {

// What is told besides the bytes and the sender. False: something was cut.
bool describe(const Socket& socket, const SocketOptions& options,
              const socket::DatagramRequest& received, WSAMSG& message) {
  message.dwFlags = 0;
  if (received.datagram_bytes > received.size) message.dwFlags |= MSG_TRUNC;
  if (received.destination.is_multicast()) message.dwFlags |= MSG_MCAST;
  if (received.destination == IpAddress::v4_broadcast()) message.dwFlags |= MSG_BCAST;
  if (!write_control(received, socket.kind().family, options, message.Control)) {
    message.dwFlags |= MSG_CTRUNC;
  }
  return (message.dwFlags & (MSG_TRUNC | MSG_CTRUNC)) == 0;
}

class MessageReceive final : public Operation {
 public:
  MessageReceive(win32::Ref<Socket> socket, const OverlappedArguments& how, WSAMSG& message)
      : Operation(std::move(socket), how), message_(message) {
    kind = Kind::kReceiveFrom;
    is_peek = (message.dwFlags & MSG_PEEK) != 0;
    if (message.name != nullptr) {
      from = message.name;
      from_bytes = &message.namelen;
    }
  }

 private:
  void on_end() override {
    if (error != ErrorCode::kOk) return;
    is_cut = !describe(socket(), socket().options(), *this, message_);
  }

  WSAMSG& message_;
};

int check_receive(const Socket& socket, const WSAMSG* message, const DWORD* received,
                  const OverlappedArguments& how) {
  if (is_bad_pointer(message)) return WSAEFAULT;
  if (socket.is_stream()) return WSAEOPNOTSUPP;
  if ((message->dwFlags & ~DWORD{MSG_PEEK}) != 0) return WSAEOPNOTSUPP;
  if (message->name != nullptr) {
    if (is_bad_pointer(message->name)) return WSAEFAULT;
    if (message->namelen < sockaddr_bytes(socket.kind().family)) return WSAEFAULT;
  }
  if (message->Control.len != 0 && is_bad_pointer(message->Control.buf)) return WSAEFAULT;
  if (how.is_overlapped(socket)) return how.has_bad_pointer() ? WSAEFAULT : 0;
  return is_bad_pointer(received) ? WSAEFAULT : 0;
}

int receive_blocking(Socket& socket, Turn& turn, WSAMSG& message, DWORD& received) {
  CallRequest request;
  request.kind = socket::Request::Kind::kReceiveFrom;
  request.is_peek = (message.dwFlags & MSG_PEEK) != 0;
  BufferList list;
  if (const int e = list.capture(message.lpBuffers, message.dwBufferCount, request); e != 0) {
    return e;
  }
  if (const int e = receive_datagram_blocking(socket, turn, request); e != 0) return e;
  received = static_cast<DWORD>(request.done);
  if (message.name != nullptr) {
    write_sockaddr(request.source, socket.kind().family, message.name, &message.namelen);
  }
  return describe(socket, socket.options(), request, message) ? 0 : WSAEMSGSIZE;
}

int receive_call(SOCKET s, WSAMSG* message, DWORD* received, const OverlappedArguments& how) {
  const auto socket = find_socket(s);
  if (!socket) return no_socket_error();
  if (const int e = check_receive(*socket, message, received, how); e != 0) return e;
  Turn turn(socket->host());
  if (const int e = socket->receive_refusal(); e != 0) return e;
  if (!how.is_overlapped(*socket)) {
    const int e = receive_blocking(*socket, turn, *message, *received);
    socket->note_receive(false);
    return e;
  }
  auto operation = std::make_unique<MessageReceive>(socket, how, *message);
  const int e = operation->buffers.capture(message->lpBuffers, message->dwBufferCount, *operation);
  if (e != 0) return e;
  operation->tell_bytes(received);
  const int error =
      Operation::issue(std::move(operation), [&](Operation& o) { socket->datagrams()->submit(o); });
  socket->note_receive(false);
  return error;
}

struct MessageSend {
  Endpoint to;
  IpAddress source;
  socket::DatagramSend how;
};

int check_send(const Socket& socket, const WSAMSG* message, DWORD flags, const DWORD* sent,
               const OverlappedArguments& how, MessageSend& out) {
  if (is_bad_pointer(message)) return WSAEFAULT;
  if (socket.is_stream()) return WSAEOPNOTSUPP;
  if ((flags & ~DWORD{MSG_DONTROUTE}) != 0) return WSAEOPNOTSUPP;
  if (how.is_overlapped(socket)) {
    if (how.has_bad_pointer()) return WSAEFAULT;
  } else if (is_bad_pointer(sent)) {
    return WSAEFAULT;
  }
  const int family = socket.kind().family;
  if (message->name != nullptr) {
    if (const int e = read_sockaddr(message->name, message->namelen, family, out.to); e != 0) {
      return e;
    }
  }
  return read_control(message->Control, family, out.source, out.how);
}

int send_call(SOCKET s, WSAMSG* message, DWORD flags, DWORD* sent, const OverlappedArguments& how) {
  const auto socket = find_socket(s);
  if (!socket) return no_socket_error();
  MessageSend call;
  if (const int e = check_send(*socket, message, flags, sent, how, call); e != 0) return e;
  Turn turn(socket->host());
  if (const int e = socket->send_refusal(); e != 0) return e;
  if (message->name == nullptr) {
    const auto peer = socket->peer();
    if (!peer) return WSAENOTCONN;
    call.to = *peer;
  }
  if (const int e = prepare_datagram(*socket, turn, call.to); e != 0) return e;
  if (!how.is_overlapped(*socket)) {
    CallRequest request;
    BufferList list;
    const int e = list.capture(message->lpBuffers, message->dwBufferCount, request);
    if (e != 0) return e;
    const ErrorCode code = send_datagram(*socket, turn, call.to, request, call.how, call.source);
    if (code == ErrorCode::kOk) *sent = static_cast<DWORD>(request.done);
    return wsa_error_of(code);
  }
  auto operation = std::make_unique<Operation>(socket, how);
  operation->kind = socket::Request::Kind::kSend;
  const int e = operation->buffers.capture(message->lpBuffers, message->dwBufferCount, *operation);
  if (e != 0) return e;
  operation->tell_bytes(sent);
  return Operation::issue(std::move(operation), [&](Operation& o) {
    o.complete(send_datagram(*socket, turn, call.to, o, call.how, call.source));
  });
}

int end_call_of_thread(int error) {
  return end_extension(error) == TRUE ? 0 : SOCKET_ERROR;
}

}  // namespace

INT PASCAL receive_message(SOCKET s, LPWSAMSG message, LPDWORD received, LPWSAOVERLAPPED overlapped,
                           LPWSAOVERLAPPED_COMPLETION_ROUTINE routine) {
  const OverlappedArguments how{overlapped, routine, thread_for(routine)};
  return end_call_of_thread(receive_call(s, message, received, how));
}

INT PASCAL send_message(SOCKET s, LPWSAMSG message, DWORD flags, LPDWORD sent,
                        LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine) {
  const OverlappedArguments how{overlapped, routine, thread_for(routine)};
  return end_call_of_thread(send_call(s, message, flags, sent, how));
}

}  // namespace oriel::winsock
