// WSPGetSockOpt, WSPSetSockOpt and WSPIoctl: the tables do the work; here is what all codes share.
//
// An unknown code of an overlapped WSPIoctl goes pending and fails then; a known one that succeeds
// at once returns 0 and still tells its completion. The returned size is not written after pending.
#include "winsock/base_provider.h"
#include "winsock/condition_call.h"
#include "winsock/ioctl_table.h"
#include "winsock/operation.h"
#include "winsock/option_table.h"
#include "winsock/spi_call.h"

namespace oriel::winsock {
namespace {

int check_sizes(const IoctlRow& row, const IoctlCall& call) {
  const bool is_in_short =
      row.in_bytes_min != 0 && (is_bad_pointer(call.in) || call.in_bytes < row.in_bytes_min);
  const bool is_out_short =
      row.out_bytes_min != 0 && (is_bad_pointer(call.out) || call.out_bytes < row.out_bytes_min);
  return is_in_short || is_out_short ? row.size_error : 0;
}

int run_row(Socket& socket, Turn& turn, const IoctlRow& row, const IoctlCall& call,
            DWORD& returned) {
  if (const int e = check_sizes(row, call); e != 0) return e;
  if (row.run == nullptr) return WSAEOPNOTSUPP;
  return row.run(socket, turn.core(), call, returned);
}

// A code that waits does so on a non-blocking socket, too.
int wait_for_row(Socket& socket, Turn& turn, const IoctlRow& row, const IoctlCall& call) {
  ErrorCode refusal = ErrorCode::kOk;
  if (const int e = row.refuse(socket, call, refusal); e != 0) return e;
  if (refusal != ErrorCode::kOk) return blocking_error(refusal);
  CallRequest request;
  const ErrorCode e = wait_for(
      socket, turn, request, 0, [&](socket::Request& r) { row.submit(socket, turn.core(), r); },
      [](socket::Request&) {});
  return blocking_error(e);
}

/// An overlapped wait for a change: only cancelling ends it.
class ChangeWait final : public Operation {
 public:
  using Operation::Operation;
  void cancel(stack::Core&) override { complete(ErrorCode::kCancelled); }
};

/// A row's own wait; it tells no bytes, whatever the request counted.
class WaitOperation final : public Operation {
 public:
  using Operation::Operation;

 private:
  void on_end() override { done = 0; }
};

/// Ends a blocked caller's wait when another thread closes the socket.
class UntilClosed final : public Watcher {
 public:
  explicit UntilClosed(socket::Request& request) : request_(request) {}
  void on_ready(Socket&, std::uint16_t what) override {
    if ((what & kClosed) != 0) request_.complete(ErrorCode::kCancelled);
  }

 private:
  socket::Request& request_;
};

int wait_for_change(Socket& socket, Turn& turn) {
  if (socket.is_non_blocking()) return WSAEWOULDBLOCK;
  CallRequest request;
  UntilClosed closing(request);
  const ErrorCode e = wait_for(
      socket, turn, request, 0, [&](socket::Request&) { socket.watch(closing); },
      [](socket::Request&) {});
  return blocking_error(e);
}

// It is pending whenever it is taken, although it may end before the call returns: programs of such
// codes look for nothing else.
int begin_row(const win32::Ref<Socket>& socket, Turn& turn, const IoctlRow& row,
              const IoctlCall& call, const OverlappedArguments& how) {
  ErrorCode refusal = ErrorCode::kOk;
  if (const int e = row.refuse(*socket, call, refusal); e != 0) return e;
  if (refusal != ErrorCode::kOk) return wsa_error_of(refusal);
  auto operation = std::make_unique<WaitOperation>(socket, how);
  Operation& pending = *operation;
  const int error = Operation::issue(std::move(operation), [](Operation&) {});
  row.submit(*socket, turn.core(), pending);
  return error;
}

int ioctl_overlapped(const win32::Ref<Socket>& socket, Turn& turn, const IoctlRow* row,
                     const IoctlCall& call, const OverlappedArguments& how, LPDWORD returned) {
  if (row != nullptr && row->is_change_wait) {
    if (const int e = check_sizes(*row, call); e != 0) {
      *returned = 0;
      return e;
    }
    return Operation::issue(std::make_unique<ChangeWait>(socket, how), [](Operation&) {});
  }
  if (row != nullptr && row->submit != nullptr) {
    const int e = begin_row(socket, turn, *row, call, how);
    if (e != WSA_IO_PENDING) *returned = 0;
    return e;
  }
  auto operation = std::make_unique<Operation>(socket, how);
  if (row != nullptr) {
    // What fails at once tells nobody; its OVERLAPPED stays as `begin` left it.
    // `returned` is stored first: whoever hears of the end may free all that belongs to the call.
    DWORD bytes = 0;
    const int e = run_row(*socket, turn, *row, call, bytes);
    *returned = bytes;
    const int error = Operation::issue(std::move(operation), [&](Operation& o) {
      o.done = row->is_local ? 0 : bytes;
      o.complete(e == 0 ? ErrorCode::kOk : ErrorCode::kInvalidArgument);
    });
    return error == 0 ? 0 : e;
  }
  Operation* pending = operation.get();
  const int error = Operation::issue(std::move(operation), [](Operation&) {});
  pending->complete(ErrorCode::kNotSupported);
  return error;
}

int ioctl(SOCKET s, DWORD code, const IoctlCall& call, const OverlappedArguments& how,
          LPDWORD returned) {
  const auto socket = find_socket(s);
  if (!socket) return no_socket_error();
  if (ConditionCall::is_running()) return WSAEINPROGRESS;
  if (is_bad_pointer(returned)) return WSAEFAULT;
  if (how.is_overlapped(*socket) && how.has_bad_pointer()) return WSAEFAULT;
  Turn turn(socket->host());
  if (socket->is_closed()) return WSAENOTSOCK;
  if (socket->host().is_stopped()) return WSAENETDOWN;
  const IoctlRow* row = find_ioctl(*socket, turn.core(), code);
  if (how.is_overlapped(*socket)) return ioctl_overlapped(socket, turn, row, call, how, returned);
  *returned = 0;
  if (row == nullptr) return WSAEOPNOTSUPP;
  if (row->is_change_wait) {
    const int e = check_sizes(*row, call);
    return e != 0 ? e : wait_for_change(*socket, turn);
  }
  if (row->submit != nullptr) return wait_for_row(*socket, turn, *row, call);
  DWORD bytes = 0;
  const int e = run_row(*socket, turn, *row, call, bytes);
  *returned = bytes;
  return e;
}

}  // namespace

int WSPAPI spi_ioctl(SOCKET s, DWORD code, LPVOID in, DWORD in_bytes, LPVOID out, DWORD out_bytes,
                     LPDWORD returned, LPWSAOVERLAPPED overlapped,
                     LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                     LPINT error) {
  const OverlappedArguments how{overlapped, routine, thread};
  return end_call(ioctl(s, code, {in, in_bytes, out, out_bytes, s}, how, returned), error);
}

int WSPAPI spi_get_sock_opt(SOCKET s, int level, int option, char* value, LPINT value_bytes,
                            LPINT error) {
  const auto socket = find_socket(s);
  if (!socket) return end_call(no_socket_error(), error);
  return end_call(get_option(*socket, level, option, value, value_bytes), error);
}

int WSPAPI spi_set_sock_opt(SOCKET s, int level, int option, const char* value, int value_bytes,
                            LPINT error) {
  const auto socket = find_socket(s);
  if (!socket) return end_call(no_socket_error(), error);
  return end_call(set_option(*socket, level, option, value, value_bytes), error);
}

}  // namespace oriel::winsock
