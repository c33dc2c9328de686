// Fetches one document by HTTP and writes it to standard output, over a connection with window
// scale 2 instead of 8: through gateways that look at the window field and ignore its scale, where
// the default stalls.
//
// It asks for the mode as a browser did for some years: right after socket(), before the connection
// is attempted, with an output buffer that the documentation forbids and the stack tolerates.
//
// usage: compat_downloader HOST PORT [PATH]
// exit code 0: the whole document came, 1: a call failed, 2: usage
#include <mswsock.h>
#include <stdio.h>
#include <string.h>
#include <winsock2.h>
#include <ws2tcpip.h>

#pragma comment(lib, "Ws2_32.lib")

#define BUFFER_BYTES 65536

static int report(const char* call) {
  fprintf(stderr, "compat_downloader: %s: error %d\n", call, WSAGetLastError());
  return 1;
}

// A socket whose receive window will be scaled by 2^2 at most: 16,384 in the first window field
// where the default says 256. On systems that do not know the code it is a socket like any other.
static SOCKET make_socket(int family, int type, int protocol) {
  SOCKET s = socket(family, type, protocol);
  WSA_COMPATIBILITY_MODE mode;
  DWORD returned = 0;
  DWORD stray = 0;
  if (s == INVALID_SOCKET) return s;
  mode.BehaviorId = WsaBehaviorAutoTuning;
  mode.TargetOsVersion = NTDDI_LONGHORN;
  if (WSAIoctl(s, SIO_SET_COMPATIBILITY_MODE, &mode, sizeof(mode), &stray, sizeof(stray), &returned,
               NULL, NULL) != 0) {
    report("SIO_SET_COMPATIBILITY_MODE");
  }
  return s;
}

static SOCKET connect_to(const char* host, const char* port) {
  struct addrinfo hints, *list, *it;
  SOCKET s = INVALID_SOCKET;
  int error;
  ZeroMemory(&hints, sizeof(hints));
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_protocol = IPPROTO_TCP;
  error = getaddrinfo(host, port, &hints, &list);
  if (error != 0) {
    WSASetLastError(error);
    return INVALID_SOCKET;
  }
  for (it = list; it != NULL; it = it->ai_next) {
    s = make_socket(it->ai_family, it->ai_socktype, it->ai_protocol);
    if (s == INVALID_SOCKET) continue;
    if (connect(s, it->ai_addr, (int)it->ai_addrlen) == 0) break;
    error = WSAGetLastError();
    closesocket(s);
    WSASetLastError(error);
    s = INVALID_SOCKET;
  }
  freeaddrinfo(list);
  return s;
}

static int ask_for(SOCKET s, const char* host, const char* path) {
  char request[1024];
  int bytes = snprintf(request, sizeof(request),
                       "GET %s HTTP/1.0\r\nHost: %s\r\nConnection: close\r\n\r\n", path, host);
  if (bytes < 0 || bytes >= (int)sizeof(request)) {
    WSASetLastError(WSAEMSGSIZE);
    return SOCKET_ERROR;
  }
  return send(s, request, bytes, 0) == bytes ? 0 : SOCKET_ERROR;
}

// Everything behind the empty line that ends the head.
static int copy_document(SOCKET s) {
  static char buffer[BUFFER_BYTES];
  static const char end_of_head[] = "\r\n\r\n";
  int matched = 0; /* bytes of end_of_head seen in a row */
  int got;
  while ((got = recv(s, buffer, BUFFER_BYTES, 0)) > 0) {
    int at = 0;
    while (at < got && matched < 4) {
      if (buffer[at] == end_of_head[matched]) {
        ++matched;
      } else {
        matched = buffer[at] == '\r' ? 1 : 0;
      }
      ++at;
    }
    fwrite(buffer + at, 1, (size_t)(got - at), stdout);
  }
  fflush(stdout);
  return got == 0 && matched == 4 ? 0 : SOCKET_ERROR;
}

int main(int argc, char** argv) {
  WSADATA data;
  SOCKET s;
  int error, result = 0;
  if (argc != 3 && argc != 4) {
    fprintf(stderr, "usage: compat_downloader HOST PORT [PATH]\n");
    return 2;
  }
  error = WSAStartup(MAKEWORD(2, 2), &data);
  if (error != 0) {
    fprintf(stderr, "compat_downloader: WSAStartup: error %d\n", error);
    return 1;
  }
  s = connect_to(argv[1], argv[2]);
  if (s == INVALID_SOCKET) {
    result = report("connect");
  } else {
    if (ask_for(s, argv[1], argc == 4 ? argv[3] : "/") != 0) {
      result = report("send");
    } else if (copy_document(s) != 0) {
      result = report("recv");
    }
    closesocket(s);
  }
  WSACleanup();
  return result;
}
