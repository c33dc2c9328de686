// What the Windows programs winsock_c.c and winsock_cc.cc share: they ask for Winsock 2.2, convert,
// and go.
#include <mstcpip.h>
#include <mswsock.h>
#include <winsock2.h>
#include <ws2tcpip.h>

static int converts(void) {
  WSADATA data;
  struct in_addr address;
  char text[INET_ADDRSTRLEN];
  if (WSAStartup(MAKEWORD(2, 2), &data) != 0) return 1;
  if (inet_pton(AF_INET, "192.0.2.1", &address) != 1) return 2;
  if (inet_ntop(AF_INET, &address, text, sizeof(text)) == NULL || strcmp(text, "192.0.2.1") != 0)
    return 3;
  if (ntohs(htons(80)) != 80 || closesocket(INVALID_SOCKET) != SOCKET_ERROR) return 4;
  if (WSAGetLastError() != WSAENOTSOCK) return 5;
  return WSACleanup();
}
