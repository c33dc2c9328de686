// An overlapped client with completion routines: sends BYTES bytes of a pattern to an echo server
// and checks that the same bytes come back. Both directions run on one thread, which sleeps
// alertably; the system calls the routines inside that sleep.
//
// usage: apc_client HOST PORT BYTES
// exit code 0: all came back, 1: a call failed or bytes differ, 2: usage
#include <stdio.h>
#include <stdlib.h>
#include <winsock2.h>
#include <ws2tcpip.h>

#pragma comment(lib, "Ws2_32.lib")

#define CHUNK_BYTES 32768

typedef struct {
  WSAOVERLAPPED overlapped; /* first: a routine finds its direction by this address */
  WSABUF buffer;
  ULONGLONG done;
  char data[CHUNK_BYTES];
} DIRECTION;

static DIRECTION sending, receiving;
static SOCKET connection;
static ULONGLONG total;
static int is_over, result = 1;

static void CALLBACK sent(DWORD error, DWORD bytes, LPWSAOVERLAPPED overlapped, DWORD flags);
static void CALLBACK received(DWORD error, DWORD bytes, LPWSAOVERLAPPED overlapped, DWORD flags);

static char pattern(ULONGLONG offset) {
  return (char)(offset * 7 + (offset >> 13));
}

static void fail(const char* what, DWORD error) {
  fprintf(stderr, "apc_client: %s: error %u\n", what, (unsigned)error);
  is_over = 1;
}

static void send_next(void) {
  ULONGLONG left = total - sending.done;
  ULONG i, size = left < CHUNK_BYTES ? (ULONG)left : CHUNK_BYTES;
  if (size == 0) {
    if (shutdown(connection, SD_SEND) != 0) fail("shutdown", (DWORD)WSAGetLastError());
    return;
  }
  for (i = 0; i < size; i++) sending.data[i] = pattern(sending.done + i);
  sending.buffer.buf = sending.data;
  sending.buffer.len = size;
  if (WSASend(connection, &sending.buffer, 1, NULL, 0, &sending.overlapped, sent) == SOCKET_ERROR &&
      WSAGetLastError() != WSA_IO_PENDING) {
    fail("WSASend", (DWORD)WSAGetLastError());
  }
}

static void receive_next(void) {
  DWORD flags = 0;
  receiving.buffer.buf = receiving.data;
  receiving.buffer.len = CHUNK_BYTES;
  if (WSARecv(connection, &receiving.buffer, 1, NULL, &flags, &receiving.overlapped, received) ==
          SOCKET_ERROR &&
      WSAGetLastError() != WSA_IO_PENDING) {
    fail("WSARecv", (DWORD)WSAGetLastError());
  }
}

static void CALLBACK sent(DWORD error, DWORD bytes, LPWSAOVERLAPPED overlapped, DWORD flags) {
  DIRECTION* direction = CONTAINING_RECORD(overlapped, DIRECTION, overlapped);
  (void)flags;
  if (error != 0) {
    fail("send", error);
    return;
  }
  direction->done += bytes;
  send_next();
}

static void CALLBACK received(DWORD error, DWORD bytes, LPWSAOVERLAPPED overlapped, DWORD flags) {
  DIRECTION* direction = CONTAINING_RECORD(overlapped, DIRECTION, overlapped);
  DWORD i;
  (void)flags;
  if (error != 0) {
    fail("receive", error);
    return;
  }
  for (i = 0; i < bytes; i++) {
    if (direction->data[i] != pattern(direction->done + i)) {
      fail("another byte came back", (DWORD)i);
      return;
    }
  }
  direction->done += bytes;
  if (bytes > 0) {
    receive_next();
    return;
  }
  is_over = 1;
  result = direction->done == total ? 0 : 1;
}

static int connect_to(const char* host, const char* port) {
  struct addrinfo hints, *list;
  int error;
  ZeroMemory(&hints, sizeof(hints));
  hints.ai_socktype = SOCK_STREAM;
  error = getaddrinfo(host, port, &hints, &list);
  if (error != 0) return error;
  connection = WSASocket(list->ai_family, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
  if (connection == INVALID_SOCKET ||
      connect(connection, list->ai_addr, (int)list->ai_addrlen) != 0) {
    error = WSAGetLastError();
  }
  freeaddrinfo(list);
  return error;
}

int main(int argc, char** argv) {
  WSADATA data;
  int error;
  if (argc != 4) {
    fprintf(stderr, "usage: apc_client HOST PORT BYTES\n");
    return 2;
  }
  total = (ULONGLONG)atoll(argv[3]);
  error = WSAStartup(MAKEWORD(2, 2), &data);
  if (error != 0) {
    fprintf(stderr, "apc_client: WSAStartup: error %d\n", error);
    return 1;
  }
  error = connect_to(argv[1], argv[2]);
  if (error != 0) {
    fail("connect", (DWORD)error);
  } else {
    receive_next();
    send_next();
  }
  while (!is_over) SleepEx(INFINITE, TRUE);
  printf("%llu bytes came back\n", (unsigned long long)receiving.done);
  closesocket(connection);
  WSACleanup();
  return result;
}
