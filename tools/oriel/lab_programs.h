// The two programs of a laboratory run: one that sends whatever may leave, one that reads whatever
// comes. Either may be the connecting side. They run on manual hosts, inside the world's steps.
#pragma once

#include <cstdint>
#include <vector>

#include "oriel/host.h"

namespace oriel::cli {

/// Keeps two writes outstanding, as a program that writes whenever it may.
class Source {
 public:
  Source();
  void connect(Host& host, const Endpoint& to);
  void listen(Host& host, std::uint16_t port);  ///< serves the first who comes
  /// The socket's; of nothing before there is one.
  TcpInfo info() const { return socket_ ? socket_.info() : TcpInfo{}; }
  const Error& error() const { return error_; }

 private:
  void start();
  void send();
  std::vector<std::uint8_t> bytes_;
  TcpListener listener_;
  TcpSocket socket_;
  Error error_;
};

/// Reads all that comes, at once.
class Sink {
 public:
  explicit Sink(const TcpOptionsForSocket& options);
  void connect(Host& host, const Endpoint& to);
  void listen(Host& host, std::uint16_t port);  ///< takes the first who comes
  std::uint64_t received() const { return received_; }
  TcpInfo info() const { return socket_ ? socket_.info() : TcpInfo{}; }
  const Error& error() const { return error_; }

 private:
  void receive();
  TcpOptionsForSocket options_;
  std::vector<std::uint8_t> buffer_;
  TcpListener listener_;
  TcpSocket socket_;
  std::uint64_t received_ = 0;
  Error error_;
};

}  // namespace oriel::cli
