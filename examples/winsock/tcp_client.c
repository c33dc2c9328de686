// A blocking client: sends standard input to a server while a second thread writes what comes back
// to standard output. Half-closes after the last byte, so that an echo ends too.
//
// usage: tcp_client HOST PORT [fast]     fast: asks for the loopback fast path before it connects
// exit code 0: both directions ended, 1: a call failed, 2: usage
#include <process.h>
#include <stdio.h>
#include <stdlib.h>
#include <winsock2.h>
#include <ws2tcpip.h>
/* On Windows it needs what those define. */
#include <mstcpip.h>

#pragma comment(lib, "Ws2_32.lib")

#define BUFFER_BYTES 65536

static int report(const char* call) {
  fprintf(stderr, "tcp_client: %s: error %d\n", call, WSAGetLastError());
  return 1;
}

/* Has no effect where the other end did not ask, or is not this machine. */
static int ask_for_fast_path(SOCKET s) {
  int on = 1;
  DWORD bytes = 0;
  return WSAIoctl(s, SIO_LOOPBACK_FAST_PATH, &on, sizeof(on), NULL, 0, &bytes, NULL, NULL);
}

static SOCKET connect_to(const char* host, const char* port, int is_fast) {
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
    s = socket(it->ai_family, it->ai_socktype, it->ai_protocol);
    if (s == INVALID_SOCKET) continue;
    if (is_fast && ask_for_fast_path(s) != 0) report("WSAIoctl");
    if (connect(s, it->ai_addr, (int)it->ai_addrlen) == 0) break;
    error = WSAGetLastError();
    closesocket(s);
    WSASetLastError(error);
    s = INVALID_SOCKET;
  }
  freeaddrinfo(list);
  return s;
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

static unsigned __stdcall receive_to_stdout(void* argument) {
  SOCKET s = *(SOCKET*)argument;
  char* buffer = (char*)malloc(BUFFER_BYTES);
  int got = buffer != NULL ? recv(s, buffer, BUFFER_BYTES, 0) : 0;
  while (got > 0) {
    fwrite(buffer, 1, (size_t)got, stdout);
    got = recv(s, buffer, BUFFER_BYTES, 0);
  }
  if (got == SOCKET_ERROR) report("recv");
  free(buffer);
  fflush(stdout);
  return got == 0 ? 0 : 1;
}

static int converse(SOCKET s) {
  static char buffer[BUFFER_BYTES];
  size_t size;
  DWORD exit_code = 1;
  HANDLE receiver = (HANDLE)_beginthreadex(NULL, 0, receive_to_stdout, &s, 0, NULL);
  if (receiver == NULL) return 1;
  while ((size = fread(buffer, 1, sizeof(buffer), stdin)) > 0) {
    if (send_all(s, buffer, (int)size) != 0) {
      report("send");
      break;
    }
  }
  if (shutdown(s, SD_SEND) != 0) report("shutdown");
  WaitForSingleObject(receiver, INFINITE);
  GetExitCodeThread(receiver, &exit_code);
  CloseHandle(receiver);
  return size == 0 ? (int)exit_code : 1;
}

int main(int argc, char** argv) {
  WSADATA data;
  SOCKET s;
  int error, result;
  if (argc != 3 && !(argc == 4 && strcmp(argv[3], "fast") == 0)) {
    fprintf(stderr, "usage: tcp_client HOST PORT [fast]\n");
    return 2;
  }
  error = WSAStartup(MAKEWORD(2, 2), &data);
  if (error != 0) {
    fprintf(stderr, "tcp_client: WSAStartup: error %d\n", error);
    return 1;
  }
  s = connect_to(argv[1], argv[2], argc == 4);
  if (s == INVALID_SOCKET) {
    result = report("connect");
  } else {
    result = converse(s);
    closesocket(s);
  }
  WSACleanup();
  return result;
}
