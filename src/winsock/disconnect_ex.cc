// DisconnectEx: an orderly end of our side, and with TF_REUSE_SOCKET of the connection, after which
// AcceptEx or ConnectEx may have the socket.
#include "winsock/disconnect_steps.h"
#include "winsock/extension_call.h"
#include "winsock/extensions.h"

namespace oriel::winsock {
namespace {

class DisconnectOperation final : public Operation {
 public:
  using Operation::Operation;
  ReuseStep reuse;

 private:
  void on_end() override {
    if (reuse.is_begun()) reuse.end(socket().host().core(), socket(), *this);
  }
};

int disconnect(const win32::Ref<Socket>& socket, Turn& turn, const OverlappedArguments& how,
               DWORD flags) {
  if (socket->is_closed()) return WSAENOTSOCK;
  const bool is_up = socket->stream() != nullptr &&
                     (socket->is_connected() || socket->stream()->transport()->is_connected());
  if (!is_up) return WSAENOTCONN;
  auto operation = std::make_unique<DisconnectOperation>(socket, how);
  ReuseStep& reuse = operation->reuse;
  return Operation::issue(std::move(operation), [&](Operation& o) {
    if ((flags & TF_REUSE_SOCKET) != 0) return reuse.begin(turn.core(), *socket, o);
    (void)socket->stream()->shutdown_send(turn->now());  // what is sent already goes before it
    o.complete(ErrorCode::kOk);
  });
}

int disconnect_call(SOCKET s, LPOVERLAPPED overlapped, DWORD flags, DWORD reserved) {
  const auto socket = find_socket(s);
  if (!socket) return no_socket_error();
  if ((flags & ~DWORD{TF_REUSE_SOCKET}) != 0 || reserved != 0) return WSAEINVAL;
  const OverlappedArguments how{overlapped, nullptr, nullptr};
  return run_operation(*socket, how, [&](Turn& turn, const OverlappedArguments& how_now) {
    return disconnect(socket, turn, how_now, flags);
  });
}

}  // namespace

BOOL PASCAL disconnect_ex(SOCKET s, LPOVERLAPPED overlapped, DWORD flags, DWORD reserved) {
  return end_extension(disconnect_call(s, overlapped, flags, reserved));
}

}  // namespace oriel::winsock
