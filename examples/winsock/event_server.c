// An echo server around WSAEventSelect: one event for each socket, one thread that waits for all of
// them.
//
// FD_WRITE comes after connecting and again after a send that failed with WSAEWOULDBLOCK, not
// whenever there is room; FD_READ comes again after each recv. So each event is followed until its
// call would block.
//
// usage: event_server PORT [CONNECTIONS]     ends after so many connections; without: never
//
// exit code 0: served them all, 1: a call failed, 2: usage
#include <stdio.h>
#include <stdlib.h>
#include <winsock2.h>
#include <ws2tcpip.h>

#pragma comment(lib, "Ws2_32.lib")

#define BUFFER_BYTES 16384

typedef struct {
  SOCKET socket;
  int is_listener;
  int has_ended;  /* the peer sends no more */
  int begin, end; /* of what waits to be sent */
  char buffer[BUFFER_BYTES];
} ENTRY;

static ENTRY* entries[WSA_MAXIMUM_WAIT_EVENTS];
static WSAEVENT events[WSA_MAXIMUM_WAIT_EVENTS];
static DWORD count;

static int report(const char* call) {
  fprintf(stderr, "event_server: %s: error %d\n", call, WSAGetLastError());
  return 1;
}

static int watch(SOCKET s, int is_listener, long mask) {
  ENTRY* entry;
  WSAEVENT event;
  if (count == WSA_MAXIMUM_WAIT_EVENTS) return 0;
  entry = (ENTRY*)calloc(1, sizeof(*entry));
  event = WSACreateEvent();
  if (entry == NULL || event == WSA_INVALID_EVENT || WSAEventSelect(s, event, mask) != 0) {
    free(entry);
    return 0;
  }
  entry->socket = s;
  entry->is_listener = is_listener;
  entries[count] = entry;
  events[count] = event;
  count++;
  return 1;
}

static void forget(DWORD index) {
  closesocket(entries[index]->socket);
  WSACloseEvent(events[index]);
  free(entries[index]);
  count--;
  entries[index] = entries[count];
  events[index] = events[count];
}

static SOCKET listen_on(unsigned short port) {
  struct sockaddr_in6 any;
  DWORD only_v6 = 0;
  SOCKET s = WSASocket(AF_INET6, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
  if (s == INVALID_SOCKET) return s;
  ZeroMemory(&any, sizeof(any));
  any.sin6_family = AF_INET6;
  any.sin6_port = htons(port);
  if (setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, (const char*)&only_v6, sizeof(only_v6)) != 0 ||
      bind(s, (struct sockaddr*)&any, sizeof(any)) != 0 || listen(s, SOMAXCONN) != 0) {
    closesocket(s);
    return INVALID_SOCKET;
  }
  return s;
}

/* Moves bytes until a call would block. Returns 0 once the connection is over. */
static int echo(ENTRY* entry) {
  for (;;) {
    int done;
    if (entry->begin < entry->end) {
      done = send(entry->socket, entry->buffer + entry->begin, entry->end - entry->begin, 0);
      if (done == SOCKET_ERROR) return WSAGetLastError() == WSAEWOULDBLOCK;
      entry->begin += done;
    } else if (entry->has_ended) {
      return 0;
    } else {
      done = recv(entry->socket, entry->buffer, BUFFER_BYTES, 0);
      if (done == SOCKET_ERROR) return WSAGetLastError() == WSAEWOULDBLOCK;
      entry->begin = 0;
      entry->end = done;
      entry->has_ended = done == 0;
    }
  }
}

static int accept_one(SOCKET listener) {
  SOCKET s = accept(listener, NULL, NULL);
  if (s == INVALID_SOCKET)
    return WSAGetLastError() == WSAEWOULDBLOCK || WSAGetLastError() == WSAECONNRESET;
  if (!watch(s, 0, FD_READ | FD_WRITE | FD_CLOSE)) closesocket(s); /* full: the peer sees the end */
  return 1;
}

/* Returns 0 once the socket at `index` has nothing more to do. */
static int handle(DWORD index) {
  ENTRY* entry = entries[index];
  WSANETWORKEVENTS happened;
  if (WSAEnumNetworkEvents(entry->socket, events[index], &happened) != 0) return 0;
  if (entry->is_listener) {
    if (happened.lNetworkEvents & FD_ACCEPT) return accept_one(entry->socket);
    return 1;
  }
  if ((happened.lNetworkEvents & FD_CLOSE) && happened.iErrorCode[FD_CLOSE_BIT] != 0) return 0;
  return echo(entry);
}

static int run(int connections_left) {
  while (connections_left != 0) {
    DWORD index, first = WSAWaitForMultipleEvents(count, events, FALSE, WSA_INFINITE, FALSE);
    if (first == WSA_WAIT_FAILED) return report("WSAWaitForMultipleEvents");
    for (index = count;
         index-- > first - WSA_WAIT_EVENT_0;) { /* downwards: forget moves the last one */
      if (WSAWaitForMultipleEvents(1, &events[index], FALSE, 0, FALSE) != WSA_WAIT_EVENT_0)
        continue;
      if (handle(index)) continue;
      if (entries[index]->is_listener) return report("accept");
      forget(index);
      if (connections_left > 0) connections_left--;
    }
  }
  return 0;
}

int main(int argc, char** argv) {
  WSADATA data;
  SOCKET listener;
  int error, result;
  if (argc < 2 || argc > 3) {
    fprintf(stderr, "usage: event_server PORT [CONNECTIONS]\n");
    return 2;
  }
  error = WSAStartup(MAKEWORD(2, 2), &data);
  if (error != 0) {
    fprintf(stderr, "event_server: WSAStartup: error %d\n", error);
    return 1;
  }
  listener = listen_on((unsigned short)atoi(argv[1]));
  if (listener == INVALID_SOCKET || !watch(listener, 1, FD_ACCEPT)) {
    result = report("listen");
  } else {
    fprintf(stderr, "event_server: listening on port %s\n", argv[1]);
    result = run(argc == 3 ? atoi(argv[2]) : -1);
  }
  while (count > 0) forget(0);
  WSACleanup();
  return result;
}
