// An echo server around a completion port: AcceptEx keeps places ready for peers, each connection
// has one request under way at a time, and worker threads take what has completed.
//
// Each connection is an OVERLAPPED with its buffer behind it; what it waits for is its state.
// Nothing is locked: whoever has dequeued a completion owns that connection until it issues the
// next request.
//
// usage: iocp_server PORT [CONNECTIONS [THREADS]]     ends after so many connections; 0: never
//
// exit code 0: served them all, 1: a call failed, 2: usage
#include <mswsock.h>
#include <winsock2.h>
#include <ws2tcpip.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

#pragma comment(lib, "Ws2_32.lib")
#pragma comment(lib, "Mswsock.lib")

namespace {

constexpr int kAcceptsAhead = 32;
constexpr DWORD kAddressBytes =
    sizeof(sockaddr_in6) + 16;  // AcceptEx wants 16 more than the address
constexpr DWORD kBufferBytes = 16384;

enum class State { kAccepting, kReceiving, kSending };

struct Connection : OVERLAPPED {
  SOCKET socket = INVALID_SOCKET;
  State state = State::kAccepting;
  DWORD begin = 0;  // of what waits to be sent
  DWORD end = 0;
  char buffer[kBufferBytes];
  char addresses[2 * kAddressBytes];
};

int report(const char* call) {
  std::fprintf(stderr, "iocp_server: %s: error %d\n", call, WSAGetLastError());
  return 1;
}

class Server {
 public:
  explicit Server(int connections) : is_bounded_(connections > 0), left_(connections) {}
  ~Server() {
    if (listener_ != INVALID_SOCKET) closesocket(listener_);
    if (port_ != nullptr) CloseHandle(port_);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  bool start(unsigned short port, DWORD threads);
  void work();

 private:
  bool fetch_accept_ex();
  bool accept_next();
  bool begin_accepted(Connection& c);
  bool receive(Connection& c);
  bool send(Connection& c);
  bool go_on(Connection& c, DWORD bytes);
  void drop(Connection* c);

  const bool is_bounded_;
  std::atomic<int> left_;
  SOCKET listener_ = INVALID_SOCKET;
  HANDLE port_ = nullptr;
  DWORD threads_ = 1;
  LPFN_ACCEPTEX accept_ex_ = nullptr;
};

bool Server::fetch_accept_ex() {
  GUID id = WSAID_ACCEPTEX;
  DWORD bytes = 0;
  return WSAIoctl(listener_, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof id, &accept_ex_,
                  sizeof accept_ex_, &bytes, nullptr, nullptr) == 0;
}

bool Server::start(unsigned short port, DWORD threads) {
  threads_ = threads;
  listener_ = WSASocket(AF_INET6, SOCK_STREAM, IPPROTO_TCP, nullptr, 0, WSA_FLAG_OVERLAPPED);
  if (listener_ == INVALID_SOCKET) return false;
  sockaddr_in6 any{};
  any.sin6_family = AF_INET6;
  any.sin6_port = htons(port);
  DWORD only_v6 = 0;
  if (setsockopt(listener_, IPPROTO_IPV6, IPV6_V6ONLY, reinterpret_cast<char*>(&only_v6),
                 sizeof only_v6) != 0 ||
      bind(listener_, reinterpret_cast<sockaddr*>(&any), sizeof any) != 0 ||
      listen(listener_, SOMAXCONN) != 0) {
    return false;
  }
  port_ = CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, threads);
  if (port_ == nullptr ||
      CreateIoCompletionPort(reinterpret_cast<HANDLE>(listener_), port_, 0, 0) == nullptr ||
      !fetch_accept_ex()) {
    return false;
  }
  for (int i = 0; i < kAcceptsAhead; ++i) {
    if (!accept_next()) return false;
  }
  return true;
}

bool Server::accept_next() {
  auto c = std::make_unique<Connection>();
  static_cast<OVERLAPPED&>(*c) = {};
  c->socket = WSASocket(AF_INET6, SOCK_STREAM, IPPROTO_TCP, nullptr, 0, WSA_FLAG_OVERLAPPED);
  if (c->socket == INVALID_SOCKET) return false;
  DWORD bytes = 0;
  if (!accept_ex_(listener_, c->socket, c->addresses, 0, kAddressBytes, kAddressBytes, &bytes,
                  c.get()) &&
      WSAGetLastError() != ERROR_IO_PENDING) {
    closesocket(c->socket);
    return false;
  }
  c.release();  // the completion brings it back
  return true;
}

bool Server::begin_accepted(Connection& c) {
  return setsockopt(c.socket, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT,
                    reinterpret_cast<char*>(&listener_), sizeof listener_) == 0 &&
         CreateIoCompletionPort(reinterpret_cast<HANDLE>(c.socket), port_, 0, 0) != nullptr &&
         receive(c);
}

bool Server::receive(Connection& c) {
  c.state = State::kReceiving;
  WSABUF buffer{kBufferBytes, c.buffer};
  DWORD flags = 0;
  return WSARecv(c.socket, &buffer, 1, nullptr, &flags, &c, nullptr) == 0 ||
         WSAGetLastError() == WSA_IO_PENDING;
}

bool Server::send(Connection& c) {
  c.state = State::kSending;
  WSABUF buffer{c.end - c.begin, c.buffer + c.begin};
  return WSASend(c.socket, &buffer, 1, nullptr, 0, &c, nullptr) == 0 ||
         WSAGetLastError() == WSA_IO_PENDING;
}

// False: the connection is over.
bool Server::go_on(Connection& c, DWORD bytes) {
  switch (c.state) {
    case State::kAccepting:
      return begin_accepted(c);
    case State::kReceiving:
      c.begin = 0;
      c.end = bytes;
      return bytes > 0 && send(c);
    case State::kSending:
      c.begin += bytes;
      return c.begin < c.end ? send(c) : receive(c);
  }
  return false;
}

void Server::drop(Connection* c) {
  closesocket(c->socket);
  delete c;
  if (!is_bounded_ || left_.fetch_sub(1) != 1) return;
  for (DWORD i = 0; i < threads_; ++i) PostQueuedCompletionStatus(port_, 0, 0, nullptr);
}

void Server::work() {
  for (;;) {
    DWORD bytes = 0;
    ULONG_PTR key = 0;
    OVERLAPPED* overlapped = nullptr;
    const BOOL is_ok = GetQueuedCompletionStatus(port_, &bytes, &key, &overlapped, INFINITE);
    if (overlapped == nullptr) return;  // drop's packet: the last connection has ended
    auto* c = static_cast<Connection*>(overlapped);
    if (c->state == State::kAccepting && !accept_next()) report("AcceptEx");
    if (!is_ok || !go_on(*c, bytes)) drop(c);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 4) {
    std::fprintf(stderr, "usage: iocp_server PORT [CONNECTIONS [THREADS]]\n");
    return 2;
  }
  WSADATA data;
  if (const int error = WSAStartup(MAKEWORD(2, 2), &data); error != 0) {
    std::fprintf(stderr, "iocp_server: WSAStartup: error %d\n", error);
    return 1;
  }
  int result = 0;
  {
    const DWORD threads = argc == 4 ? static_cast<DWORD>(std::atoi(argv[3])) : 2;
    Server server(argc >= 3 ? std::atoi(argv[2]) : 0);
    if (server.start(static_cast<unsigned short>(std::atoi(argv[1])), threads)) {
      std::fprintf(stderr, "iocp_server: listening on port %s\n", argv[1]);
      std::vector<std::thread> workers;
      for (DWORD i = 1; i < threads; ++i) workers.emplace_back([&server] { server.work(); });
      server.work();
      for (std::thread& worker : workers) worker.join();
    } else {
      result = report("start");
    }
  }
  WSACleanup();
  return result;
}
