// What the Windows programs winsock_c.c and winsock_cc.cc share: text to addresses and back, then
// one connection from a thread to itself within the process. The result is the line that failed, or
// 0.
#include <mstcpip.h>
#include <mswsock.h>
#include <process.h>
#include <winsock2.h>
#include <ws2tcpip.h>

#pragma comment(lib, "Ws2_32.lib")

static int converts(void) {
  struct in_addr address;
  struct in6_addr local = IN6ADDR_LOOPBACK_INIT;
  char text[INET6_ADDRSTRLEN];
  if (inet_pton(AF_INET, "192.0.2.1", &address) != 1) return __LINE__;
  if (inet_ntop(AF_INET, &address, text, sizeof(text)) == NULL || strcmp(text, "192.0.2.1") != 0) {
    return __LINE__;
  }
  if (memcmp(&in6addr_loopback, &local, sizeof(local)) != 0) return __LINE__;
  if (!IN6_IS_ADDR_UNSPECIFIED(&in6addr_any)) return __LINE__;
  if (ntohs(htons(80)) != 80 || closesocket(INVALID_SOCKET) != SOCKET_ERROR) return __LINE__;
  return WSAGetLastError() == WSAENOTSOCK ? 0 : __LINE__;
}

static unsigned __stdcall accept_and_answer(void* argument) {
  char question[5];
  SOCKET s = accept(*(SOCKET*)argument, NULL, NULL);
  if (s == INVALID_SOCKET) return __LINE__;
  if (recv(s, question, sizeof(question), MSG_WAITALL) != sizeof(question)) return __LINE__;
  if (send(s, question, sizeof(question), 0) != sizeof(question)) return __LINE__;
  return closesocket(s) == 0 ? 0 : __LINE__;
}

static int asks(const struct sockaddr_in6* server) {
  char answer[6];
  SOCKET s = socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP);
  if (s == INVALID_SOCKET) return __LINE__;
  if (connect(s, (const struct sockaddr*)server, sizeof(*server)) != 0) return __LINE__;
  if (send(s, "hello", 5, 0) != 5) return __LINE__;
  if (recv(s, answer, sizeof(answer), MSG_WAITALL) != 5)
    return __LINE__; /* the end came after it */
  if (memcmp(answer, "hello", 5) != 0) return __LINE__;
  return closesocket(s) == 0 ? 0 : __LINE__;
}

static int talks(void) {
  struct sockaddr_in6 address;
  int size = sizeof(address), result;
  DWORD exit_code = 1;
  HANDLE thread;
  SOCKET listener = socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP);
  if (listener == INVALID_SOCKET) return __LINE__;
  memset(&address, 0, sizeof(address));
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  if (bind(listener, (struct sockaddr*)&address, sizeof(address)) != 0) return __LINE__;
  if (listen(listener, 1) != 0) return __LINE__;
  if (getsockname(listener, (struct sockaddr*)&address, &size) != 0) return __LINE__;
  thread = (HANDLE)_beginthreadex(NULL, 0, accept_and_answer, &listener, 0, NULL);
  if (thread == NULL) return __LINE__;
  result = asks(&address);
  if (result != 0) return result;
  if (WaitForSingleObject(thread, 10000) != WAIT_OBJECT_0) return __LINE__;
  if (!GetExitCodeThread(thread, &exit_code) || exit_code != 0) return (int)exit_code;
  CloseHandle(thread);
  return closesocket(listener) == 0 ? 0 : __LINE__;
}

static int uses_winsock(void) {
  WSADATA data;
  int result;
  if (WSAStartup(MAKEWORD(2, 2), &data) != 0) return __LINE__;
  result = converts();
  if (result == 0) result = talks();
  return WSACleanup() == 0 ? result : __LINE__;
}
