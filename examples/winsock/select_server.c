// An echo server around select: one thread, non-blocking sockets, a buffer for each connection.
//
// A connection is read only while its buffer is empty and watched for writing only while it is not,
// so a peer that does not read is not read from.
//
// usage: select_server PORT [CONNECTIONS]     ends after so many connections; without: never
//
// exit code 0: served them all, 1: a call failed, 2: usage
#include <stdio.h>
#include <stdlib.h>
#include <winsock2.h>
#include <ws2tcpip.h>

#pragma comment(lib, "Ws2_32.lib")

#define CLIENTS_MAX (FD_SETSIZE - 1) /* the listener needs a place too */
#define BUFFER_BYTES 16384

typedef struct {
  SOCKET socket;
  int begin, end; /* of what waits to be sent */
  char buffer[BUFFER_BYTES];
} CLIENT;

static CLIENT clients[CLIENTS_MAX];
static int client_count;

static int report(const char* call) {
  fprintf(stderr, "select_server: %s: error %d\n", call, WSAGetLastError());
  return 1;
}

static SOCKET listen_on(unsigned short port) {
  struct sockaddr_in6 any;
  DWORD only_v6 = 0;
  u_long non_blocking = 1;
  SOCKET s = socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP);
  if (s == INVALID_SOCKET) return s;
  ZeroMemory(&any, sizeof(any));
  any.sin6_family = AF_INET6;
  any.sin6_port = htons(port);
  if (setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, (const char*)&only_v6, sizeof(only_v6)) != 0 ||
      bind(s, (struct sockaddr*)&any, sizeof(any)) != 0 || listen(s, SOMAXCONN) != 0 ||
      ioctlsocket(s, FIONBIO, &non_blocking) != 0) {
    closesocket(s);
    return INVALID_SOCKET;
  }
  return s;
}

static void accept_one(SOCKET listener) {
  u_long non_blocking = 1;
  SOCKET s = accept(listener, NULL, NULL);
  if (s == INVALID_SOCKET) return; /* it went away again */
  ioctlsocket(s, FIONBIO, &non_blocking);
  clients[client_count].socket = s;
  clients[client_count].begin = clients[client_count].end = 0;
  client_count++;
}

/* Returns 0 once the connection is over. */
static int receive(CLIENT* client) {
  int got = recv(client->socket, client->buffer, BUFFER_BYTES, 0);
  if (got == SOCKET_ERROR) return WSAGetLastError() == WSAEWOULDBLOCK;
  if (got == 0) return 0;
  client->begin = 0;
  client->end = got;
  return 1;
}

static int send_on(CLIENT* client) {
  int sent = send(client->socket, client->buffer + client->begin, client->end - client->begin, 0);
  if (sent == SOCKET_ERROR) return WSAGetLastError() == WSAEWOULDBLOCK;
  client->begin += sent;
  return 1;
}

static int serve(CLIENT* client, fd_set* readable, fd_set* writable) {
  int is_alive = 1;
  if (FD_ISSET(client->socket, readable)) is_alive = receive(client);
  if (is_alive && (client->begin < client->end || FD_ISSET(client->socket, writable))) {
    is_alive = send_on(client);
  }
  return is_alive;
}

static int run(SOCKET listener, int connections_left) {
  while (connections_left != 0) {
    fd_set readable, writable;
    int i;
    FD_ZERO(&readable);
    FD_ZERO(&writable);
    if (client_count < CLIENTS_MAX) FD_SET(listener, &readable);
    for (i = 0; i < client_count; i++) {
      FD_SET(clients[i].socket, clients[i].begin < clients[i].end ? &writable : &readable);
    }
    if (select(0, &readable, &writable, NULL, NULL) == SOCKET_ERROR) return report("select");
    for (i = client_count - 1; i >= 0; i--) {
      if (serve(&clients[i], &readable, &writable)) continue;
      closesocket(clients[i].socket);
      clients[i] = clients[--client_count];
      if (connections_left > 0) connections_left--;
    }
    if (FD_ISSET(listener, &readable)) accept_one(listener);
  }
  return 0;
}

int main(int argc, char** argv) {
  WSADATA data;
  SOCKET listener;
  int error, result;
  if (argc < 2 || argc > 3) {
    fprintf(stderr, "usage: select_server PORT [CONNECTIONS]\n");
    return 2;
  }
  error = WSAStartup(MAKEWORD(2, 2), &data);
  if (error != 0) {
    fprintf(stderr, "select_server: WSAStartup: error %d\n", error);
    return 1;
  }
  listener = listen_on((unsigned short)atoi(argv[1]));
  if (listener == INVALID_SOCKET) {
    result = report("listen");
  } else {
    fprintf(stderr, "select_server: listening on port %s\n", argv[1]);
    result = run(listener, argc == 3 ? atoi(argv[2]) : -1);
    closesocket(listener);
  }
  WSACleanup();
  return result;
}
