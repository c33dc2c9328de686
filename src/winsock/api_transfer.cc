// Sending and receiving: the BSD calls are the WSA ones with one buffer, no overlapped structure
// and their own length as the result.
#include <winsock2.h>

#include "winsock/buffer_list.h"
#include "winsock/lane_cache.h"
#include "winsock/startup.h"
#include "winsock/thread_state.h"

using namespace oriel::winsock;  // NOLINT(google-build-using-namespace)

namespace {

// A negative length is what a program passes by mistake; Windows looks at the buffer and finds it
// outside.
bool is_bad_length(int length) {
  if (length >= 0) return false;
  fail_with(WSAEFAULT);
  return true;
}

WSABUF one_buffer(const char* bytes, int length) {
  return {static_cast<ULONG>(length), const_cast<char*>(bytes)};
}

// One buffer, nothing overlapped and no flags: what a lane can do. A buffer longer than an int is
// negative there, and no lane's.
bool is_plain(const WSABUF* buffers, DWORD count, const DWORD* bytes, const void* overlapped,
              DWORD flags) {
  return overlapped == nullptr && flags == 0 && count == 1 && !is_bad_pointer(buffers) &&
         !is_bad_pointer(bytes);
}

int send_plainly(SOCKET s, const WSABUF& all, DWORD& bytes) {
  const LaneSent sent = send_by_lane(s, all.buf, static_cast<int>(all.len));
  const auto past = static_cast<DWORD>(sent.bytes);
  if (sent.is_all) bytes = past;
  if (sent.is_all) return 0;
  WSABUF rest = {all.len - past, all.buf + past};
  DWORD more = 0;
  const LaneOffers offers(s);
  const int result = over_table(s, [&](const WSPPROC_TABLE& table, INT& error) {
    const int ended = table.lpWSPSend(s, &rest, 1, &more, 0, nullptr, nullptr, nullptr, &error);
    return ended == SOCKET_ERROR && error == WSAEWOULDBLOCK && past != 0 ? 0 : ended;
  });
  if (result == 0) bytes = past + more;
  return result;
}

}  // namespace

int WSAAPI WSASend(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesSent,
                   DWORD dwFlags, LPWSAOVERLAPPED lpOverlapped,
                   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine) {
  if (is_plain(lpBuffers, dwBufferCount, lpNumberOfBytesSent, lpOverlapped, dwFlags)) {
    return send_plainly(s, *lpBuffers, *lpNumberOfBytesSent);
  }
  return over_table(s, [&](const WSPPROC_TABLE& table, INT& error) {
    return table.lpWSPSend(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags, lpOverlapped,
                           lpCompletionRoutine, thread_for(lpCompletionRoutine), &error);
  });
}

int WSAAPI WSASendTo(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesSent,
                     DWORD dwFlags, const struct sockaddr* lpTo, int iTolen,
                     LPWSAOVERLAPPED lpOverlapped,
                     LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine) {
  return over_table(s, [&](const WSPPROC_TABLE& table, INT& error) {
    return table.lpWSPSendTo(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags, lpTo,
                             iTolen, lpOverlapped, lpCompletionRoutine,
                             thread_for(lpCompletionRoutine), &error);
  });
}

int WSAAPI WSARecv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesRecvd,
                   LPDWORD lpFlags, LPWSAOVERLAPPED lpOverlapped,
                   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine) {
  const DWORD flags = is_bad_pointer(lpFlags) ? MSG_PEEK : *lpFlags;
  if (is_plain(lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpOverlapped, flags)) {
    const int bytes = receive_by_lane(s, lpBuffers->buf, static_cast<int>(lpBuffers->len));
    if (bytes != 0) {
      *lpNumberOfBytesRecvd = static_cast<DWORD>(bytes);
      return 0;
    }
  }
  const LaneOffers offers(s);
  return over_table(s, [&](const WSPPROC_TABLE& table, INT& error) {
    return table.lpWSPRecv(s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags, lpOverlapped,
                           lpCompletionRoutine, thread_for(lpCompletionRoutine), &error);
  });
}

int WSAAPI WSARecvFrom(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                       LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags, struct sockaddr* lpFrom,
                       LPINT lpFromlen, LPWSAOVERLAPPED lpOverlapped,
                       LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine) {
  return over_table(s, [&](const WSPPROC_TABLE& table, INT& error) {
    return table.lpWSPRecvFrom(s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags, lpFrom,
                               lpFromlen, lpOverlapped, lpCompletionRoutine,
                               thread_for(lpCompletionRoutine), &error);
  });
}

int WSAAPI send(SOCKET s, const char* buf, int len, int flags) {
  LaneSent sent;
  if (flags == 0) sent = send_by_lane(s, buf, len);
  if (sent.is_all) return sent.bytes;
  if (is_refused() || is_bad_length(len)) return SOCKET_ERROR;
  WSABUF buffer = one_buffer(buf + sent.bytes, len - sent.bytes);
  DWORD bytes = 0;
  INT error = 0;
  const LaneOffers offers(s);
  const int result = table_of(s).lpWSPSend(s, &buffer, 1, &bytes, static_cast<DWORD>(flags),
                                           nullptr, nullptr, nullptr, &error);
  if (result == SOCKET_ERROR && error == WSAEWOULDBLOCK && sent.bytes != 0) return sent.bytes;
  return result == SOCKET_ERROR ? fail_with(error) : sent.bytes + static_cast<int>(bytes);
}

int WSAAPI sendto(SOCKET s, const char* buf, int len, int flags, const struct sockaddr* to,
                  int tolen) {
  if (is_refused() || is_bad_length(len)) return SOCKET_ERROR;
  WSABUF buffer = one_buffer(buf, len);
  DWORD bytes = 0;
  INT error = 0;
  const int result = table_of(s).lpWSPSendTo(s, &buffer, 1, &bytes, static_cast<DWORD>(flags), to,
                                             tolen, nullptr, nullptr, nullptr, &error);
  return result == SOCKET_ERROR ? fail_with(error) : static_cast<int>(bytes);
}

int WSAAPI recv(SOCKET s, char* buf, int len, int flags) {
  if (flags == 0) {
    if (const int received = receive_by_lane(s, buf, len); received != 0) return received;
  }
  if (is_refused() || is_bad_length(len)) return SOCKET_ERROR;
  WSABUF buffer = one_buffer(buf, len);
  DWORD bytes = 0;
  auto both_flags = static_cast<DWORD>(flags);
  INT error = 0;
  const LaneOffers offers(s);
  const int result =
      table_of(s).lpWSPRecv(s, &buffer, 1, &bytes, &both_flags, nullptr, nullptr, nullptr, &error);
  if (result == SOCKET_ERROR) return fail_with(error);
  // WSARecv says "more of this datagram is to come" in the flags; recv says it as an error.
  if ((both_flags & MSG_PARTIAL) != 0) return fail_with(WSAEMSGSIZE);
  return static_cast<int>(bytes);
}

int WSAAPI recvfrom(SOCKET s, char* buf, int len, int flags, struct sockaddr* from, int* fromlen) {
  if (is_refused() || is_bad_length(len)) return SOCKET_ERROR;
  WSABUF buffer = one_buffer(buf, len);
  DWORD bytes = 0;
  auto both_flags = static_cast<DWORD>(flags);
  INT error = 0;
  const int result = table_of(s).lpWSPRecvFrom(s, &buffer, 1, &bytes, &both_flags, from, fromlen,
                                               nullptr, nullptr, nullptr, &error);
  if (result == SOCKET_ERROR) return fail_with(error);
  if ((both_flags & MSG_PARTIAL) != 0) return fail_with(WSAEMSGSIZE);
  return static_cast<int>(bytes);
}

BOOL WSAAPI WSAGetOverlappedResult(SOCKET s, LPWSAOVERLAPPED lpOverlapped, LPDWORD lpcbTransfer,
                                   BOOL fWait, LPDWORD lpdwFlags) {
  return over_table(s, BOOL{FALSE}, [&](const WSPPROC_TABLE& table, INT& error) {
    return table.lpWSPGetOverlappedResult(s, lpOverlapped, lpcbTransfer, fWait, lpdwFlags, &error);
  });
}
