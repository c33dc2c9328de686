// Ping-pong over Asio's completion port backend, between two processes: messages of several sizes
// go over and come back changed, so that nobody can have answered but the other end.
//
//   asio_ping_pong server PORT [fast]            serves connections until it is killed
//   asio_ping_pong client ADDRESS PORT [fast]    prints "N round trips, PATH", or what went wrong
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "asio_fast_path.h"

namespace {

using asio::ip::tcp;

constexpr std::size_t kSizes[] = {1, 64, 1000, 16384, 65536, 300'000};
constexpr int kRoundTrips = 100;  // of each size
constexpr unsigned char kChange = 0x5a;

/// Gives each byte back, changed.
class Session : public std::enable_shared_from_this<Session> {
 public:
  explicit Session(tcp::socket socket) : socket_(std::move(socket)), bytes_(65536) {}

  void read() {
    socket_.async_read_some(asio::buffer(bytes_),
                            [self = shared_from_this()](std::error_code e, std::size_t n) {
                              if (!e) self->write(n);
                            });
  }

 private:
  void write(std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) bytes_[i] ^= kChange;
    asio::async_write(socket_, asio::buffer(bytes_, n),
                      [self = shared_from_this()](std::error_code e, std::size_t) {
                        if (!e) self->read();
                      });
  }

  tcp::socket socket_;
  std::vector<unsigned char> bytes_;
};

void accept_next(tcp::acceptor& acceptor) {
  acceptor.async_accept([&acceptor](std::error_code e, tcp::socket socket) {
    if (!e) std::make_shared<Session>(std::move(socket))->read();
    accept_next(acceptor);
  });
}

int serve(unsigned short port, bool is_fast) {
  asio::io_context context;
  tcp::acceptor acceptor(context, tcp::endpoint(tcp::v4(), port));
  if (is_fast) ask_for_fast_path(acceptor.native_handle());
  accept_next(acceptor);
  context.run();
  return 0;
}

class Client {
 public:
  Client(asio::io_context& context, const tcp::endpoint& to, bool is_fast) : socket_(context) {
    socket_.open(to.protocol());
    if (is_fast) ask_for_fast_path(socket_.native_handle());
    socket_.async_connect(to, [this](std::error_code e) {
      if (e) return fail(e.message());
      next();
    });
  }

  int round_trips = 0;
  std::string error;
  /// A connection without segments has no segment size.
  bool is_on_fast_path() {
    DWORD version = 0;
    DWORD bytes = 0;
    TCP_INFO_v0 info{};
    WSAIoctl(socket_.native_handle(), SIO_TCP_INFO, &version, sizeof version, &info, sizeof info,
             &bytes, nullptr, nullptr);
    return info.Mss == 0;
  }

 private:
  void next() {
    const auto size_number = static_cast<std::size_t>(round_trips / kRoundTrips);
    if (size_number == std::size(kSizes)) return;
    const std::size_t bytes = kSizes[size_number];
    out_.resize(bytes);
    in_.assign(bytes, 0);
    for (std::size_t i = 0; i < bytes; ++i) {
      out_[i] = static_cast<unsigned char>(i * 7 + static_cast<std::size_t>(round_trips));
    }
    under_way_ = 2;
    asio::async_write(socket_, asio::buffer(out_),
                      [this](std::error_code e, std::size_t) { half_done(e); });
    asio::async_read(socket_, asio::buffer(in_),
                     [this](std::error_code e, std::size_t) { half_done(e); });
  }

  void half_done(std::error_code e) {
    if (e) return fail(e.message());
    if (--under_way_ != 0) return;
    for (std::size_t i = 0; i < out_.size(); ++i) {
      if (in_[i] != (out_[i] ^ kChange)) return fail("byte " + std::to_string(i) + " is another");
    }
    ++round_trips;
    next();
  }

  void fail(const std::string& what) {
    if (error.empty()) error = what;
  }

  tcp::socket socket_;
  std::vector<unsigned char> out_;
  std::vector<unsigned char> in_;
  int under_way_ = 0;
};

int ask(const char* address, unsigned short port, bool is_fast) {
  asio::io_context context;
  Client client(context, tcp::endpoint(asio::ip::make_address(address), port), is_fast);
  context.run();
  if (!client.error.empty()) {
    std::cerr << "after " << client.round_trips << ": " << client.error << '\n';
    return 1;
  }
  std::cout << client.round_trips << " round trips, "
            << (client.is_on_fast_path() ? "fast" : "ordinary") << '\n';
  return 0;
}

unsigned short port_of(const char* word) {
  return static_cast<unsigned short>(std::atoi(word));
}

}  // namespace

int main(int count, char** words) {
  const bool is_fast = std::strcmp(words[count - 1], "fast") == 0;
  const int given = is_fast ? count - 1 : count;
  try {
    if (given == 3 && std::strcmp(words[1], "server") == 0) {
      return serve(port_of(words[2]), is_fast);
    }
    if (given == 4 && std::strcmp(words[1], "client") == 0) {
      return ask(words[2], port_of(words[3]), is_fast);
    }
  } catch (const std::exception& e) {
    std::cerr << e.what() << '\n';
    return 1;
  }
  std::cerr << "usage: server PORT [fast] | client ADDRESS PORT [fast]\n";
  return 2;
}
