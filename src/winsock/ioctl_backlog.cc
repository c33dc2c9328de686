// The ideal send backlog: how much a program should keep outstanding (QUERY), and word of another
// value (CHANGE). Documentation: SIO_IDEAL_SEND_BACKLOG_QUERY, SIO_IDEAL_SEND_BACKLOG_CHANGE.
//
// What was told last, one wait at a time and what ends it are the stream socket's rules
// (socket/stream_backlog.cc). Here: the order of errors, and that a QUERY switches dynamic send
// buffering off for this connection, as on Windows 7 and later: whoever asks wants to do it itself.
#include <ws2ipdef.h>

#include <cstring>

#include "winsock/error_table.h"
#include "winsock/ioctl_table.h"
#include "winsock/sockaddr.h"

namespace oriel::winsock {
namespace {

using stack::Core;

// REQ ISB-9: the send buffer is as large as SO_SNDBUF says from now on.
void fix_send_buffer(Socket& s, Core& core) {
  if (s.options().is_backlog_queried) return;
  s.options().is_backlog_queried = true;
  s.apply_options(core);
}

// REQ ISB-1
int query(Socket& s, Core& core, const IoctlCall& call, DWORD& returned) {
  if (const int e = s.send_refusal(); e != 0) return e;
  if (call.out_bytes < sizeof(ULONG)) return WSAEINVAL;
  if (is_bad_pointer(call.out)) return WSAEFAULT;
  const auto backlog = s.stream()->report_backlog();
  if (!backlog) return wsa_error_of(backlog.error().code);
  fix_send_buffer(s, core);
  const ULONG value = *backlog;
  std::memcpy(call.out, &value, sizeof value);
  returned = sizeof value;
  return 0;
}

// REQ ISB-4, ISB-6, ISB-8
int refuse_change(Socket& s, const IoctlCall& call, ErrorCode& reason) {
  if (const int e = s.send_refusal(); e != 0) return e;
  if (call.out_bytes != 0) return WSAEINVAL;
  reason = s.stream()->backlog_wait_refusal();
  return 0;
}

void submit_change(Socket& s, Core& core, socket::Request& request) {
  request.kind = socket::Request::Kind::kWaitBacklog;
  s.stream()->submit(core.now(), request);
}

constexpr IoctlRow query_row() {
  IoctlRow row{SIO_IDEAL_SEND_BACKLOG_QUERY, OptionFor::kStream, 0, 0, WSAEINVAL, query};
  row.feature = tcp::Feature::kIdealSendBacklog;
  return row;
}
constexpr IoctlRow change_row() {
  IoctlRow row{SIO_IDEAL_SEND_BACKLOG_CHANGE, OptionFor::kStream, 0, 0, WSAEINVAL, nullptr};
  row.submit = submit_change;
  row.refuse = refuse_change;
  row.feature = tcp::Feature::kIdealSendBacklog;
  return row;
}
constexpr IoctlRow kBacklogRows[] = {query_row(), change_row()};

}  // namespace

std::span<const IoctlRow> backlog_ioctl_rows() {
  return kBacklogRows;
}

}  // namespace oriel::winsock
