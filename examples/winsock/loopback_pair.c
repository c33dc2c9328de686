// Two processes on one machine: how long a message takes there and back, and how many bytes pass in
// a second, over the ordinary loopback path and over the fast one.
//
//   server      answers one connection after the other, until it is stopped
//   ping-pong   sends so many messages of so many bytes, and waits for each to come back
//   stream      sends so many messages of so many bytes, until the server has read the last
//
// With `fast` a process asks for SIO_LOOPBACK_FAST_PATH; the path is fast if both did.
//
// usage: loopback_pair server PORT [fast]
//        loopback_pair ping-pong|stream HOST PORT BYTES COUNT [fast]
// exit code 0: done, 1: a call failed, 2: usage
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <winsock2.h>
#include <ws2tcpip.h>
/* On Windows it needs what those define. */
#include <mstcpip.h>

#pragma comment(lib, "Ws2_32.lib")

#define BYTES_MAX 1048576
#define COUNT_MAX 1000000000

static char buffer[BYTES_MAX];

static int report(const char* call) {
  fprintf(stderr, "loopback_pair: %s: error %d\n", call, WSAGetLastError());
  return 1;
}

/* The same where the end came instead of bytes. */
static int report_end(void) {
  fprintf(stderr, "loopback_pair: the other end has closed\n");
  return 1;
}

/* Before it connects; a server at any time before the connection comes. */
static int ask_for_fast_path(SOCKET s) {
  int on = 1;
  DWORD bytes = 0;
  return WSAIoctl(s, SIO_LOOPBACK_FAST_PATH, &on, sizeof(on), NULL, 0, &bytes, NULL, NULL);
}

/* A fast connection has no segments, and so no size of them. */
static const char* path_of(SOCKET s) {
  DWORD version = 0, bytes = 0;
  TCP_INFO_v0 info;
  if (WSAIoctl(s, SIO_TCP_INFO, &version, sizeof(version), &info, sizeof(info), &bytes, NULL,
               NULL) != 0) {
    return "unknown path";
  }
  return info.Mss == 0 ? "fast path" : "ordinary path";
}

static int send_all(SOCKET s, const char* data, int size) {
  while (size > 0) {
    int sent = send(s, data, size, 0);
    if (sent == SOCKET_ERROR) return SOCKET_ERROR;
    data += sent;
    size -= sent;
  }
  return 0;
}

/* 1: the whole size came, 0: the end came first. */
static int receive_all(SOCKET s, char* data, int size) {
  while (size > 0) {
    int got = recv(s, data, size, 0);
    if (got <= 0) return got;
    data += got;
    size -= got;
  }
  return 1;
}

/* What a connection is for is what comes over it first. */
typedef struct {
  ULONG kind; /* 'p' or 's'; in network order, like the size */
  ULONG size; /* of each message */
} Purpose;

/* Messages go back whole: two that send at once, each more than the other may have unread, would
   wait for each other for ever. */
static void serve(SOCKET s) {
  Purpose purpose;
  int is_echo, size, got;
  got = receive_all(s, (char*)&purpose, sizeof(purpose));
  if (got <= 0) return;
  is_echo = ntohl(purpose.kind) == 'p';
  size = (int)ntohl(purpose.size);
  if (size < 1 || size > BYTES_MAX) return;
  while ((got = is_echo ? receive_all(s, buffer, size) : recv(s, buffer, BYTES_MAX, 0)) > 0) {
    if (is_echo && send_all(s, buffer, size) != 0) return;
  }
}

static int run_server(unsigned short port, BOOL is_fast) {
  struct sockaddr_in name;
  SOCKET listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  if (listener == INVALID_SOCKET) return report("socket");
  ZeroMemory(&name, sizeof(name));
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  name.sin_port = htons(port);
  if (is_fast && ask_for_fast_path(listener) != 0) return report("SIO_LOOPBACK_FAST_PATH");
  if (bind(listener, (struct sockaddr*)&name, sizeof(name)) != 0) return report("bind");
  if (listen(listener, SOMAXCONN) != 0) return report("listen");
  for (;;) {
    SOCKET s = accept(listener, NULL, NULL);
    if (s == INVALID_SOCKET && WSAGetLastError() == WSAECONNRESET) continue; /* gave up */
    if (s == INVALID_SOCKET) return report("accept");
    serve(s); /* a client that goes away is the client's affair */
    closesocket(s);
  }
}

static SOCKET connect_to(const char* host, const char* port, BOOL is_fast) {
  struct addrinfo hints, *list;
  SOCKET s;
  int on = 1;
  ZeroMemory(&hints, sizeof(hints));
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  if (getaddrinfo(host, port, &hints, &list) != 0) return INVALID_SOCKET;
  s = socket(list->ai_family, list->ai_socktype, list->ai_protocol);
  if (s != INVALID_SOCKET) {
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, (const char*)&on, sizeof(on));
    if (is_fast && ask_for_fast_path(s) != 0) report("SIO_LOOPBACK_FAST_PATH");
    if (connect(s, list->ai_addr, (int)list->ai_addrlen) != 0) {
      int error = WSAGetLastError();
      closesocket(s);
      WSASetLastError(error);
      s = INVALID_SOCKET;
    }
  }
  freeaddrinfo(list);
  return s;
}

static int ping_pong(SOCKET s, int size, int count) {
  int i;
  for (i = 0; i < count; ++i) {
    int got;
    if (send_all(s, buffer, size) != 0) return report("send");
    got = receive_all(s, buffer, size);
    if (got <= 0) return got == 0 ? report_end() : report("recv");
  }
  return 0;
}

static int stream(SOCKET s, int size, int count) {
  int i;
  char byte;
  for (i = 0; i < count; ++i) {
    if (send_all(s, buffer, size) != 0) return report("send");
  }
  if (shutdown(s, SD_SEND) != 0) return report("shutdown");
  return recv(s, &byte, 1, 0) == 0 ? 0 : report("recv"); /* the server has read all */
}

static int measure(SOCKET s, const char* kind, int size, int count) {
  const BOOL is_stream = strcmp(kind, "stream") == 0;
  const char* path = path_of(s);
  LARGE_INTEGER frequency, began, ended;
  double seconds;
  int failed;
  Purpose purpose;
  purpose.kind = htonl(is_stream ? 's' : 'p');
  purpose.size = htonl((ULONG)size);
  if (send_all(s, (const char*)&purpose, sizeof(purpose)) != 0) return report("send");
  QueryPerformanceFrequency(&frequency);
  QueryPerformanceCounter(&began);
  failed = is_stream ? stream(s, size, count) : ping_pong(s, size, count);
  QueryPerformanceCounter(&ended);
  if (failed) return 1;
  seconds = (double)(ended.QuadPart - began.QuadPart) / (double)frequency.QuadPart;
  if (is_stream) {
    printf("stream: %d bytes, %d times, %.3f GB/s, %s\n", size, count,
           (double)size * count / seconds / 1e9, path);
  } else {
    printf("ping-pong: %d bytes, %d times, %.2f us each, %s\n", size, count, seconds / count * 1e6,
           path);
  }
  return 0;
}

/* 0: no number from 1 to most. */
static int number(const char* text, long most) {
  char* end;
  const long value = strtol(text, &end, 10);
  return *end == '\0' && value >= 1 && value <= most ? (int)value : 0;
}

static int usage(void) {
  fprintf(stderr,
          "usage: loopback_pair server PORT [fast]\n"
          "       loopback_pair ping-pong|stream HOST PORT BYTES COUNT [fast]\n"
          "PORT is 1 to 65535, BYTES 1 to %d, COUNT 1 to %d\n",
          BYTES_MAX, COUNT_MAX);
  return 2;
}

int main(int argc, char** argv) {
  const BOOL is_fast = argc > 1 && strcmp(argv[argc - 1], "fast") == 0;
  const int words = argc - (is_fast ? 1 : 0);
  const BOOL is_server = words == 3 && strcmp(argv[1], "server") == 0;
  const BOOL is_client =
      words == 6 && (strcmp(argv[1], "ping-pong") == 0 || strcmp(argv[1], "stream") == 0);
  const int port = is_server || is_client ? number(argv[is_server ? 2 : 3], 65535) : 0;
  const int size = is_client ? number(argv[4], BYTES_MAX) : 1;
  const int count = is_client ? number(argv[5], COUNT_MAX) : 1;
  WSADATA data;
  SOCKET s;
  int error, result;
  if (port == 0 || size == 0 || count == 0) return usage();
  error = WSAStartup(MAKEWORD(2, 2), &data);
  if (error != 0) {
    fprintf(stderr, "loopback_pair: WSAStartup: error %d\n", error);
    return 1;
  }
  if (is_server) {
    result = run_server((unsigned short)port, is_fast);
  } else {
    s = connect_to(argv[2], argv[3], is_fast);
    if (s == INVALID_SOCKET) {
      result = report("connect");
    } else {
      result = measure(s, argv[1], size, count);
      closesocket(s);
    }
  }
  WSACleanup();
  return result;
}
