// Oriel as a Windows program uses it, in the four ways in which such programs wait. This unit sees
// the Windows headers as they do.
#include <mstcpip.h>
#include <mswsock.h>
#include <winsock2.h>

#include <vector>

#include "bench_end.h"

namespace oriel::cli {
namespace {

int checked(int result, const char* what) {
  if (result == SOCKET_ERROR) {
    throw BenchFailure(std::string(what) + ": error " + std::to_string(WSAGetLastError()));
  }
  return result;
}

class WinsockEnd : public BenchEnd {
 public:
  explicit WinsockEnd(SOCKET s) : s_(s) {}
  ~WinsockEnd() override { closesocket(s_); }

  void send(const std::uint8_t* bytes, std::size_t n) override {
    while (n != 0) {
      const auto sent = static_cast<std::size_t>(checked(send_some(bytes, n), "send"));
      bytes += sent;
      n -= sent;
    }
  }
  std::size_t receive(std::uint8_t* bytes, std::size_t n) override {
    const int got = receive_some(bytes, n);
    if (got == SOCKET_ERROR && WSAGetLastError() == WSAECONNRESET) return 0;
    return static_cast<std::size_t>(checked(got, "recv"));
  }
  void finish() override { shutdown(s_, SD_SEND); }

 protected:
  virtual int send_some(const std::uint8_t* bytes, std::size_t n) {
    return ::send(s_, reinterpret_cast<const char*>(bytes), static_cast<int>(n), 0);
  }
  virtual int receive_some(std::uint8_t* bytes, std::size_t n) {
    return ::recv(s_, reinterpret_cast<char*>(bytes), static_cast<int>(n), 0);
  }
  const SOCKET s_;
};

class NonBlockingEnd final : public WinsockEnd {
 public:
  explicit NonBlockingEnd(SOCKET s) : WinsockEnd(s) {
    u_long on = 1;
    checked(ioctlsocket(s, static_cast<LONG>(FIONBIO), &on), "FIONBIO");
  }

 private:
  int send_some(const std::uint8_t* bytes, std::size_t n) override {
    for (;;) {
      const int sent = WinsockEnd::send_some(bytes, n);
      if (sent != SOCKET_ERROR || WSAGetLastError() != WSAEWOULDBLOCK) return sent;
      wait(false);
    }
  }
  int receive_some(std::uint8_t* bytes, std::size_t n) override {
    for (;;) {
      const int got = WinsockEnd::receive_some(bytes, n);
      if (got != SOCKET_ERROR || WSAGetLastError() != WSAEWOULDBLOCK) return got;
      wait(true);
    }
  }
  void wait(bool is_reading) {
    fd_set set;
    FD_ZERO(&set);
    FD_SET(s_, &set);
    checked(select(0, is_reading ? &set : nullptr, is_reading ? nullptr : &set, nullptr, nullptr),
            "select");
  }
};

/// One call under way, awaited by its event or at a completion port.
class OverlappedEnd final : public WinsockEnd {
 public:
  OverlappedEnd(SOCKET s, bool has_port) : WinsockEnd(s) {
    if (has_port) {
      port_ = CreateIoCompletionPort(reinterpret_cast<HANDLE>(s), nullptr, 0, 1);
    } else {
      event_ = WSACreateEvent();
    }
  }
  ~OverlappedEnd() override {
    if (event_ != nullptr) WSACloseEvent(event_);
    if (port_ != nullptr) CloseHandle(port_);
  }

 private:
  int send_some(const std::uint8_t* bytes, std::size_t n) override {
    WSABUF buffer{static_cast<ULONG>(n), const_cast<CHAR*>(reinterpret_cast<const CHAR*>(bytes))};
    OVERLAPPED call = begin();
    return end(WSASend(s_, &buffer, 1, nullptr, 0, &call, nullptr), call);
  }
  int receive_some(std::uint8_t* bytes, std::size_t n) override {
    WSABUF buffer{static_cast<ULONG>(n), reinterpret_cast<CHAR*>(bytes)};
    DWORD flags = 0;
    OVERLAPPED call = begin();
    return end(WSARecv(s_, &buffer, 1, nullptr, &flags, &call, nullptr), call);
  }
  OVERLAPPED begin() const {
    OVERLAPPED call{};
    call.hEvent = event_;
    return call;
  }
  int end(int result, OVERLAPPED& call) {
    if (result == SOCKET_ERROR && WSAGetLastError() != WSA_IO_PENDING) return SOCKET_ERROR;
    DWORD bytes = 0;
    DWORD flags = 0;
    if (port_ == nullptr) {
      const BOOL is_well = WSAGetOverlappedResult(s_, &call, &bytes, TRUE, &flags);
      return is_well ? static_cast<int>(bytes) : SOCKET_ERROR;
    }
    ULONG_PTR key = 0;
    OVERLAPPED* done = nullptr;
    const BOOL is_well = GetQueuedCompletionStatus(port_, &bytes, &key, &done, INFINITE);
    return is_well ? static_cast<int>(bytes) : SOCKET_ERROR;
  }

  WSAEVENT event_ = nullptr;
  HANDLE port_ = nullptr;
};

class WinsockNet final : public BenchNet {
 public:
  WinsockNet(const BenchSocketOptions& options, bool is_fast)
      : options_(options), is_fast_(is_fast) {
    WSADATA data;
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0) throw BenchFailure("the stack does not start");
  }
  ~WinsockNet() override {
    if (listener_ != INVALID_SOCKET) closesocket(listener_);
    WSACleanup();
  }

  std::uint16_t listen() override {
    listener_ = made();
    sockaddr_in at = address(0);
    int bytes = sizeof at;
    auto* name = reinterpret_cast<sockaddr*>(&at);
    checked(bind(listener_, name, bytes), "bind");
    checked(::listen(listener_, SOMAXCONN_HINT(16384)), "listen");
    checked(getsockname(listener_, name, &bytes), "getsockname");
    return ntohs(at.sin_port);
  }

  std::unique_ptr<BenchEnd> accept() override {
    const SOCKET s = ::accept(listener_, nullptr, nullptr);
    if (s == INVALID_SOCKET) checked(SOCKET_ERROR, "accept");
    return end_of(s);
  }

  std::unique_ptr<BenchEnd> connect(std::uint16_t port) override {
    const SOCKET s = made();
    const sockaddr_in at = address(port);
    checked(::connect(s, reinterpret_cast<const sockaddr*>(&at), sizeof at), "connect");
    return end_of(s);
  }

  int poll() override {
    return checked(WSAPoll(polled_.data(), static_cast<ULONG>(polled_.size()), 0), "WSAPoll");
  }

 private:
  static sockaddr_in address(std::uint16_t port) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    at.sin_port = htons(port);
    return at;
  }

  SOCKET made() const {
    const SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
    if (s == INVALID_SOCKET) checked(SOCKET_ERROR, "socket");
    if (is_fast_) {
      int on = 1;
      DWORD none = 0;
      checked(
          WSAIoctl(s, SIO_LOOPBACK_FAST_PATH, &on, sizeof on, nullptr, 0, &none, nullptr, nullptr),
          "SIO_LOOPBACK_FAST_PATH");
    }
    const int bytes = options_.rcv_buffer_bytes;
    if (bytes != 0) {
      setsockopt(s, SOL_SOCKET, SO_RCVBUF, reinterpret_cast<const char*>(&bytes), sizeof bytes);
    }
    return s;
  }

  std::unique_ptr<BenchEnd> end_of(SOCKET s) {
    const int on = 1;
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, reinterpret_cast<const char*>(&on), sizeof on);
    polled_.push_back({s, POLLRDNORM, 0});
    switch (options_.api) {
      case BenchApi::kBlocking:
        return std::make_unique<WinsockEnd>(s);
      case BenchApi::kNonBlocking:
        return std::make_unique<NonBlockingEnd>(s);
      case BenchApi::kOverlapped:
        return std::make_unique<OverlappedEnd>(s, false);
      case BenchApi::kCompletionPort:
        return std::make_unique<OverlappedEnd>(s, true);
    }
    return nullptr;
  }

  const BenchSocketOptions options_;
  const bool is_fast_;
  SOCKET listener_ = INVALID_SOCKET;
  std::vector<WSAPOLLFD> polled_;
};

}  // namespace

std::unique_ptr<BenchNet> winsock_net(const BenchSocketOptions& options, bool is_fast) {
  return std::make_unique<WinsockNet>(options, is_fast);
}

}  // namespace oriel::cli
