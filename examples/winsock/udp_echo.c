// Datagrams: a server that sends each one back, and a client that asks with a text and prints the
// answer.
//
// usage: udp_echo serve PORT [DATAGRAMS]     ends after so many; without: never
//        udp_echo ask HOST PORT TEXT         three tries of two seconds each
//
// exit code 0: done, 1: a call failed or no answer came, 2: usage
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <winsock2.h>
#include <ws2tcpip.h>

#pragma comment(lib, "Ws2_32.lib")

#define DATAGRAM_BYTES_MAX 65535
#define TRIES 3
#define TIMEOUT_MS 2000

static char buffer[DATAGRAM_BYTES_MAX + 1];

static int report(const char* call) {
  fprintf(stderr, "udp_echo: %s: error %d\n", call, WSAGetLastError());
  return 1;
}

static int serve(const char* port, int datagrams_left) {
  struct sockaddr_in6 address;
  DWORD only_v6 = 0;
  SOCKET s = socket(AF_INET6, SOCK_DGRAM, IPPROTO_UDP);
  ZeroMemory(&address, sizeof(address));
  address.sin6_family = AF_INET6;
  address.sin6_port = htons((unsigned short)atoi(port));
  if (s == INVALID_SOCKET ||
      setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, (const char*)&only_v6, sizeof(only_v6)) != 0 ||
      bind(s, (struct sockaddr*)&address, sizeof(address)) != 0) {
    return report("bind");
  }
  fprintf(stderr, "udp_echo: serving on port %s\n", port);
  while (datagrams_left != 0) {
    struct sockaddr_storage from;
    int from_size = sizeof(from);
    int size = recvfrom(s, buffer, DATAGRAM_BYTES_MAX, 0, (struct sockaddr*)&from, &from_size);
    if (size == SOCKET_ERROR) {
      if (WSAGetLastError() == WSAECONNRESET)
        continue; /* an answer found nobody; the next one may */
      return report("recvfrom");
    }
    if (sendto(s, buffer, size, 0, (struct sockaddr*)&from, from_size) == SOCKET_ERROR)
      return report("sendto");
    if (datagrams_left > 0) datagrams_left--;
  }
  closesocket(s);
  return 0;
}

static int ask(const char* host, const char* port, const char* text) {
  struct addrinfo hints, *list;
  DWORD timeout_ms = TIMEOUT_MS;
  SOCKET s;
  int tries, error;
  ZeroMemory(&hints, sizeof(hints));
  hints.ai_socktype = SOCK_DGRAM;
  error = getaddrinfo(host, port, &hints, &list);
  if (error != 0) {
    WSASetLastError(error);
    return report("getaddrinfo");
  }
  s = socket(list->ai_family, SOCK_DGRAM, IPPROTO_UDP);
  if (s == INVALID_SOCKET || connect(s, list->ai_addr, (int)list->ai_addrlen) != 0)
    return report("connect");
  freeaddrinfo(list);
  setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (const char*)&timeout_ms, sizeof(timeout_ms));
  for (tries = 0; tries < TRIES; tries++) {
    int size;
    if (send(s, text, (int)strlen(text), 0) == SOCKET_ERROR) return report("send");
    size = recv(s, buffer, DATAGRAM_BYTES_MAX, 0);
    if (size != SOCKET_ERROR) {
      buffer[size] = '\0';
      printf("%s\n", buffer);
      closesocket(s);
      return 0;
    }
    if (WSAGetLastError() != WSAETIMEDOUT) break;
  }
  return report("recv");
}

int main(int argc, char** argv) {
  WSADATA data;
  int error, result;
  int is_server = argc >= 3 && argc <= 4 && strcmp(argv[1], "serve") == 0;
  int is_client = argc == 5 && strcmp(argv[1], "ask") == 0;
  if (!is_server && !is_client) {
    fprintf(stderr, "usage: udp_echo serve PORT [DATAGRAMS]\n       udp_echo ask HOST PORT TEXT\n");
    return 2;
  }
  error = WSAStartup(MAKEWORD(2, 2), &data);
  if (error != 0) {
    fprintf(stderr, "udp_echo: WSAStartup: error %d\n", error);
    return 1;
  }
  result =
      is_server ? serve(argv[2], argc == 4 ? atoi(argv[3]) : -1) : ask(argv[2], argv[3], argv[4]);
  WSACleanup();
  return result;
}
