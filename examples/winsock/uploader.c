// Uploads so many megabytes to a server that reads, in one of the ways in which Windows programs
// keep a path full, and says how fast it was and how far the ideal send backlog went.
//
//   fixed              one blocking send after the other, SO_SNDBUF 64 KB
//   query              asks for the backlog at most once a second, and sets SO_SNDBUF
//   change             is told of a change by an event, then asks and sets SO_SNDBUF
//   change-raise-only  the same, but never makes SO_SNDBUF smaller
//   overlapped         SO_SNDBUF 0, and one overlapped send more than the backlog holds
//   dynamic            one blocking send after the other, and nothing else
//
// usage: uploader STYLE HOST PORT MEGABYTES
// exit code 0: the server has read all of it, 1: a call failed, 2: usage
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <winsock2.h>
#include <ws2tcpip.h>

#pragma comment(lib, "Ws2_32.lib")

#define PIECE_BYTES 65536
#define SENDS_MAX 256 /* 16 megabytes of overlapped sends: the largest backlog */

typedef struct {
  SOCKET s;
  const char* style;
  ULONG backlog;     /* as told last */
  ULONG backlog_max; /* the largest that was told */
  int buffer;        /* SO_SNDBUF */
  int changes;
  BOOL is_waiting; /* for a change */
  ULONGLONG asked_at;
  WSAOVERLAPPED change;
} Uploader;

static char piece[PIECE_BYTES];

static int report(const char* call) {
  fprintf(stderr, "uploader: %s: error %d\n", call, WSAGetLastError());
  return 1;
}

static SOCKET connect_to(const char* host, const char* port) {
  struct addrinfo hints, *list;
  SOCKET s;
  ZeroMemory(&hints, sizeof(hints));
  hints.ai_socktype = SOCK_STREAM;
  if (getaddrinfo(host, port, &hints, &list) != 0) return INVALID_SOCKET;
  s = WSASocketW(list->ai_family, list->ai_socktype, list->ai_protocol, NULL, 0,
                 WSA_FLAG_OVERLAPPED);
  if (s != INVALID_SOCKET && connect(s, list->ai_addr, (int)list->ai_addrlen) != 0) {
    closesocket(s);
    s = INVALID_SOCKET;
  }
  freeaddrinfo(list);
  return s;
}

static int set_send_buffer(Uploader* u, int bytes) {
  u->buffer = bytes;
  return setsockopt(u->s, SOL_SOCKET, SO_SNDBUF, (const char*)&bytes, sizeof(bytes));
}

static BOOL is_style(const Uploader* u, const char* style) {
  return strcmp(u->style, style) == 0;
}

static int ask(Uploader* u) {
  if (idealsendbacklogquery(u->s, &u->backlog) != 0) return SOCKET_ERROR;
  if (u->backlog > u->backlog_max) u->backlog_max = u->backlog;
  return 0;
}

/* Posts the wait for the next change; anything but "pending" leaves the program without. */
static void wait_for_change(Uploader* u) {
  WSAResetEvent(u->change.hEvent);
  u->is_waiting = idealsendbacklognotify(u->s, &u->change, NULL) == SOCKET_ERROR &&
                  WSAGetLastError() == WSA_IO_PENDING;
}

/* After a change: wait for the next one first, then look what it is now. */
static int follow(Uploader* u) {
  DWORD bytes, flags;
  if (!u->is_waiting || WaitForSingleObject(u->change.hEvent, 0) != WAIT_OBJECT_0) return 0;
  u->is_waiting = FALSE;
  if (!WSAGetOverlappedResult(u->s, &u->change, &bytes, FALSE, &flags)) return 0;
  ++u->changes;
  wait_for_change(u);
  if (ask(u) != 0) return SOCKET_ERROR;
  if (is_style(u, "overlapped")) return 0;
  if (is_style(u, "change-raise-only") && (int)u->backlog <= u->buffer) return 0;
  return set_send_buffer(u, (int)u->backlog);
}

static int ask_each_second(Uploader* u) {
  if (GetTickCount64() - u->asked_at < 1000) return 0;
  u->asked_at = GetTickCount64();
  if (ask(u) != 0) return SOCKET_ERROR;
  return (int)u->backlog == u->buffer ? 0 : set_send_buffer(u, (int)u->backlog);
}

static int upload_blocking(Uploader* u, ULONGLONG bytes) {
  while (bytes > 0) {
    int size = bytes < PIECE_BYTES ? (int)bytes : PIECE_BYTES;
    int sent = send(u->s, piece, size, 0);
    if (sent == SOCKET_ERROR) return report("send");
    bytes -= (ULONGLONG)sent;
    if (is_style(u, "query") && ask_each_second(u) != 0) return report("query");
    if (follow(u) != 0) return report("change");
  }
  return 0;
}

/* Sends in a ring: the oldest is waited for when there are as many as the backlog holds. */
static int upload_overlapped(Uploader* u, ULONGLONG bytes) {
  static WSAOVERLAPPED sends[SENDS_MAX];
  ULONGLONG posted = 0, ended = 0;
  ULONGLONG i, count = (bytes + PIECE_BYTES - 1) / PIECE_BYTES;
  for (i = 0; i < SENDS_MAX; ++i) sends[i].hEvent = WSACreateEvent();
  while (ended < count) {
    /* And one more: with less outstanding than the backlog the congestion window would not grow,
       and with one send only nothing would be on its way while its acknowledgement comes. */
    ULONGLONG wanted = u->backlog / PIECE_BYTES + 1;
    if (wanted > SENDS_MAX) wanted = SENDS_MAX;
    if (posted < count && posted - ended < wanted) {
      WSAOVERLAPPED* o = &sends[posted % SENDS_MAX];
      WSABUF b;
      b.buf = piece;
      b.len = posted + 1 < count ? PIECE_BYTES : (ULONG)(bytes - posted * PIECE_BYTES);
      WSAResetEvent(o->hEvent);
      if (WSASend(u->s, &b, 1, NULL, 0, o, NULL) != 0 && WSAGetLastError() != WSA_IO_PENDING) {
        return report("WSASend");
      }
      ++posted;
    } else {
      WSAOVERLAPPED* o = &sends[ended % SENDS_MAX];
      HANDLE both[2];
      DWORD done, flags;
      both[0] = o->hEvent;
      both[1] = u->change.hEvent;
      if (WaitForMultipleObjects(u->is_waiting ? 2 : 1, both, FALSE, INFINITE) == WAIT_OBJECT_0) {
        if (!WSAGetOverlappedResult(u->s, o, &done, FALSE, &flags)) return report("WSASend");
        ++ended;
      }
    }
    if (follow(u) != 0) return report("change");
  }
  return 0;
}

static int upload(Uploader* u, ULONGLONG bytes) {
  ULONGLONG began = GetTickCount64();
  double seconds;
  char byte;
  u->change.hEvent = WSACreateEvent();
  u->asked_at = began;
  u->backlog = u->backlog_max = PIECE_BYTES;
  if (!is_style(u, "dynamic") &&
      set_send_buffer(u, is_style(u, "overlapped") ? 0 : PIECE_BYTES) != 0) {
    return report("SO_SNDBUF");
  }
  if (!is_style(u, "fixed") && !is_style(u, "query") && !is_style(u, "dynamic")) {
    wait_for_change(u);
  }
  if (is_style(u, "overlapped") ? upload_overlapped(u, bytes) : upload_blocking(u, bytes)) return 1;
  /* Windows' own name for it; asking would have switched dynamic send buffering off before. */
  if (is_style(u, "fixed") || is_style(u, "dynamic")) ask(u);
  if (shutdown(u->s, SD_SEND) != 0) return report("shutdown");
  if (recv(u->s, &byte, 1, 0) != 0) return report("recv"); /* the server has read all */
  seconds = (double)(GetTickCount64() - began) / 1000;
  printf("%s: %.1f Mbit/s, backlog %lu, at most %lu, %d changes\n", u->style,
         (double)bytes * 8e-6 / (seconds > 0 ? seconds : 0.001), (unsigned long)u->backlog,
         (unsigned long)u->backlog_max, u->changes);
  return 0;
}

static BOOL is_known(const char* style) {
  static const char* const known[] = {"fixed",      "query",  "change", "change-raise-only",
                                      "overlapped", "dynamic"};
  size_t i;
  for (i = 0; i < sizeof(known) / sizeof(known[0]); ++i) {
    if (strcmp(style, known[i]) == 0) return TRUE;
  }
  return FALSE;
}

int main(int argc, char** argv) {
  WSADATA data;
  Uploader u;
  int error, result;
  if (argc != 5 || !is_known(argv[1]) || atoi(argv[4]) <= 0) {
    fprintf(stderr,
            "usage: uploader fixed|query|change|change-raise-only|overlapped|dynamic HOST PORT "
            "MEGABYTES\n");
    return 2;
  }
  error = WSAStartup(MAKEWORD(2, 2), &data);
  if (error != 0) {
    fprintf(stderr, "uploader: WSAStartup: error %d\n", error);
    return 1;
  }
  ZeroMemory(&u, sizeof(u));
  u.style = argv[1];
  u.s = connect_to(argv[2], argv[3]);
  if (u.s == INVALID_SOCKET) {
    result = report("connect");
  } else {
    result = upload(&u, (ULONGLONG)atoi(argv[4]) * 1000000);
    closesocket(u.s);
  }
  WSACleanup();
  return result;
}
