// The two programs of a laboratory run: one that sends whatever may leave, one that reads whatever
// comes. Either may be the connecting side. They run on manual hosts, inside the world's steps.
#pragma once

#include <cstdint>
#include <vector>

#include "oriel/host.h"

namespace oriel::cli {

inline constexpr std::uint16_t kLabPort = 5001;
inline constexpr double kLabMtuBytes = 1500;
inline constexpr Duration kLabSampleMin = std::chrono::milliseconds(1);
inline constexpr Duration kLabProgressStep = std::chrono::milliseconds(100);

/// One connection of a program: made by connecting, or by taking the first who comes; then `start`.
class LabProgram {
 public:
  explicit LabProgram(const TcpOptionsForSocket& options = {}) : options_(options) {}
  LabProgram(const LabProgram&) = delete;
  LabProgram& operator=(const LabProgram&) = delete;
  void connect(Host& host, const Endpoint& to);
  void listen(Host& host, std::uint16_t port);
  /// The socket's; of nothing before there is one.
  TcpInfo info() const { return socket_ ? socket_.info() : TcpInfo{}; }
  const Error& error() const { return error_; }

 protected:
  ~LabProgram() = default;
  virtual void start() = 0;
  TcpSocket socket_;
  Error error_;

 private:
  TcpOptionsForSocket options_;
  TcpListener listener_;
};

/// Keeps two writes outstanding, as a program that writes whenever it may.
class Source final : public LabProgram {
 public:
  Source();

 private:
  void start() override;
  void send();
  std::vector<std::uint8_t> bytes_;
};

/// Reads all that comes, at once.
class Sink final : public LabProgram {
 public:
  explicit Sink(const TcpOptionsForSocket& options);
  std::uint64_t received() const { return received_; }

 private:
  void start() override { receive(); }
  void receive();
  std::vector<std::uint8_t> buffer_;
  std::uint64_t received_ = 0;
};

}  // namespace oriel::cli
