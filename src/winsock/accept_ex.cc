// AcceptEx: a connection, its first bytes and its two addresses in one overlapped call.
//
//   buffer:  first bytes (receive_bytes) | local block | remote block
//   block:   sockaddr ............................. its length (last 4 bytes)
//
// The operation waits in the listener's queue, then, if bytes are asked for, in the queue of the
// new connection. It belongs to the listening socket: that one's port, event and cancel. Closing
// either socket ends it.
#include <cstring>

#include "winsock/extension_call.h"
#include "winsock/extensions.h"

namespace oriel::winsock {
namespace {

// Documented: what a block needs beyond the transport's largest address.
constexpr DWORD kBlockExtraBytes = 16;

struct AcceptBuffer {
  std::uint8_t* first = nullptr;
  DWORD receive_bytes = 0;
  DWORD local_bytes = 0;
  DWORD remote_bytes = 0;

  std::uint8_t* local() const { return first + receive_bytes; }
  std::uint8_t* remote() const { return local() + local_bytes; }
};

void write_block(const Endpoint& endpoint, int family, std::uint8_t* block, DWORD bytes) {
  INT length = sockaddr_bytes(family);
  write_sockaddr(endpoint, family, reinterpret_cast<sockaddr*>(block), &length);
  std::memcpy(block + bytes - sizeof length, &length, sizeof length);
}

void read_block(std::uint8_t* block, DWORD bytes, sockaddr** name, LPINT length) {
  *name = reinterpret_cast<sockaddr*>(block);
  std::memcpy(length, block + bytes - sizeof *length, sizeof *length);
}

class AcceptOperation final : public Operation {
 public:
  AcceptOperation(win32::Ref<Socket> listening, win32::Ref<Socket> accepting,
                  const OverlappedArguments& how, const AcceptBuffer& buffer)
      : Operation(std::move(listening), how), accepting_(std::move(accepting)), buffer_(buffer) {
    kind = Kind::kAccept;
    accepting_->set_acceptor(this);
  }

  void cancel(stack::Core& core) override {
    if (is_receiving_) {
      accepting_->stream()->cancel(core.now(), *this);
    } else if (socket().listener() != nullptr) {
      socket().listener()->cancel(*this);
    }
  }

 private:
  bool go_on() override {
    if (is_receiving_) return false;
    stack::Core& core = socket().host().core();
    accepting_->release_retired(core);
    if (!accepting_->adopt(core, *accepted)) {
      error = ErrorCode::kNoBuffers;
      return false;
    }
    accepting_->set_context_due(true);
    accepting_->inherit_compatibility(socket());
    accepting_->apply_options(core);
    const socket::Transport& transport = *accepting_->stream()->transport();
    const int family = accepting_->kind().family;
    write_block(transport.local(), family, buffer_.local(), buffer_.local_bytes);
    write_block(transport.remote(), family, buffer_.remote(), buffer_.remote_bytes);
    if (buffer_.receive_bytes == 0) return false;
    is_receiving_ = true;
    kind = Kind::kReceive;
    data = buffer_.first;
    size = buffer_.receive_bytes;
    accepting_->stream()->submit(core.now(), *this);
    return true;
  }

  // A connection whose first bytes were given up is of no use to anybody.
  void on_end() override {
    accepting_->set_acceptor(nullptr);
    if (!is_receiving_ || error != ErrorCode::kCancelled) return;
    accepting_->stream()->abort(socket().host().core().now(), ErrorCode::kConnectionAborted);
  }

  const win32::Ref<Socket> accepting_;
  const AcceptBuffer buffer_;
  bool is_receiving_ = false;
};

int refusal(const Socket& listening, const Socket& accepting) {
  if (listening.is_closed() || accepting.is_closed()) return WSAENOTSOCK;
  if (listening.listener() == nullptr || !accepting.may_accept_into()) return WSAEINVAL;
  return listening.kind().family == accepting.kind().family ? 0 : WSAEINVAL;
}

int accept_call(SOCKET listening_handle, SOCKET accepting_handle, const AcceptBuffer& buffer,
                LPDWORD received, LPOVERLAPPED overlapped) {
  const auto listening = find_socket(listening_handle);
  const auto accepting = find_socket(accepting_handle);
  if (!listening || !accepting) return no_socket_error();
  if (overlapped == nullptr) return WSA_INVALID_PARAMETER;
  if (is_bad_pointer(overlapped)) return WSAEFAULT;
  if (buffer.first == nullptr) return WSAEINVAL;
  if (is_bad_pointer(buffer.first)) return WSAEFAULT;
  const auto block_bytes_min =
      static_cast<DWORD>(sockaddr_bytes(listening->kind().family)) + kBlockExtraBytes;
  if (buffer.local_bytes < block_bytes_min || buffer.remote_bytes < block_bytes_min) {
    return WSAEFAULT;
  }
  if (&listening->host() != &accepting->host()) return WSAEINVAL;
  Turn turn(listening->host());
  if (const int e = refusal(*listening, *accepting); e != 0) return e;
  const OverlappedArguments how{overlapped, nullptr, nullptr};
  auto operation = std::make_unique<AcceptOperation>(listening, accepting, how, buffer);
  operation->tell_bytes(received);
  return Operation::issue(std::move(operation),
                          [&](Operation& o) { listening->listener()->submit(o); });
}

}  // namespace

BOOL PASCAL accept_ex(SOCKET listening, SOCKET accepting, PVOID buffer, DWORD receive_bytes,
                      DWORD local_bytes, DWORD remote_bytes, LPDWORD received,
                      LPOVERLAPPED overlapped) {
  const AcceptBuffer parts{static_cast<std::uint8_t*>(buffer), receive_bytes, local_bytes,
                           remote_bytes};
  return end_extension(accept_call(listening, accepting, parts, received, overlapped));
}

VOID PASCAL get_accept_ex_sockaddrs(PVOID buffer, DWORD receive_bytes, DWORD local_bytes,
                                    DWORD remote_bytes, sockaddr** local, LPINT local_length,
                                    sockaddr** remote, LPINT remote_length) {
  const AcceptBuffer parts{static_cast<std::uint8_t*>(buffer), receive_bytes, local_bytes,
                           remote_bytes};
  read_block(parts.local(), local_bytes, local, local_length);
  read_block(parts.remote(), remote_bytes, remote, remote_length);
}

}  // namespace oriel::winsock
