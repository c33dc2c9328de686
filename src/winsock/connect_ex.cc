// ConnectEx: a connection and its first bytes in one overlapped call. The socket was bound before;
// the bytes are taken when the connection is up.
#include "winsock/extension_call.h"
#include "winsock/extensions.h"

namespace oriel::winsock {
namespace {

class ConnectOperation final : public Operation {
 public:
  ConnectOperation(win32::Ref<Socket> socket, const OverlappedArguments& how, PVOID data_to_send,
                   DWORD bytes)
      : Operation(std::move(socket), how),
        first_(static_cast<std::uint8_t*>(data_to_send)),
        bytes_(bytes) {
    kind = Kind::kConnect;
  }

 private:
  bool go_on() override {
    if (kind == Kind::kSend || bytes_ == 0) return false;
    kind = Kind::kSend;
    is_whole = true;
    data = first_;
    size = bytes_;
    socket().stream()->submit(socket().host().core().now(), *this);
    return true;
  }

  std::uint8_t* const first_;
  const DWORD bytes_;
};

int connect_call(SOCKET s, const sockaddr* name, int name_bytes, PVOID data, DWORD bytes,
                 LPDWORD sent, LPOVERLAPPED overlapped) {
  const auto socket = find_socket(s);
  if (!socket) return no_socket_error();
  if (overlapped == nullptr) return WSA_INVALID_PARAMETER;
  if (is_bad_pointer(overlapped)) return WSAEFAULT;
  if (data == nullptr) bytes = 0;
  if (bytes != 0 && is_bad_pointer(data)) return WSAEFAULT;
  if (!socket->is_stream()) return WSAEOPNOTSUPP;
  Endpoint to;
  if (const int e = read_sockaddr(name, name_bytes, socket->kind().family, to); e != 0) return e;
  Turn turn(socket->host());
  if (socket->is_closed()) return WSAENOTSOCK;
  if (!socket->is_bound() && !socket->is_connected()) return WSAEINVAL;
  if (const int e = socket->begin_connect(turn.core(), to); e != 0) return e;
  socket->set_context_due(true);
  const OverlappedArguments how{overlapped, nullptr, nullptr};
  auto operation = std::make_unique<ConnectOperation>(socket, how, data, bytes);
  operation->tell_bytes(sent);
  return Operation::issue(std::move(operation),
                          [&](Operation& o) { socket->stream()->submit(turn->now(), o); });
}

}  // namespace

BOOL PASCAL connect_ex(SOCKET s, const sockaddr* name, int name_bytes, PVOID data, DWORD bytes,
                       LPDWORD sent, LPOVERLAPPED overlapped) {
  return end_extension(connect_call(s, name, name_bytes, data, bytes, sent, overlapped));
}

}  // namespace oriel::winsock
