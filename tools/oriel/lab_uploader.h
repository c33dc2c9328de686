// A program that uploads for as long as it may, in one of the ways in which programs keep a path
// full, or fail to.
//
//   fixed, query, change, raise   one send buffer of the size they think right, always full
//   overlapped                    no send buffer; one send more outstanding than the backlog holds
//   dynamic                       plain sends; the stack sizes the buffer
//
// It runs on a manual host, inside the world's steps.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "oriel/sim.h"

namespace oriel::cli {

enum class UploadStyle : std::uint8_t {
  kFixed,       ///< 64 KiB of send buffer for ever
  kQuery,       ///< asks at most once a second, after a send: an HTTP client
  kChange,      ///< waits for word of a change, then asks, then sizes the buffer
  kRaiseOnly,   ///< the same, but never makes it smaller: a streaming program
  kOverlapped,  ///< waits for word, and keeps so many sends outstanding
  kDynamic,     ///< leaves it to the stack
};

/// In the order of a laboratory's table.
const std::vector<UploadStyle>& upload_styles();
std::string_view name_of(UploadStyle style);

class Uploader {
 public:
  static constexpr std::uint32_t kFixedBytes = 65536;
  static constexpr std::size_t kChunkBytes = 256u << 10;      ///< of a plain send
  static constexpr std::size_t kOverlappedBytes = 64u << 10;  ///< of an overlapped one
  static constexpr Duration kQueryInterval = std::chrono::seconds(1);

  explicit Uploader(UploadStyle style) : style_(style), bytes_(kChunkBytes, 0x5a) {}
  /// Requires: outlives the world's steps.
  void connect(Host& host, const Endpoint& to);
  void stop();  ///< closes in order
  TcpInfo info() const { return socket_ ? socket_.info() : TcpInfo{}; }
  const Error& error() const { return error_; }
  std::uint64_t notifications() const { return notifications_; }

 private:
  void start();
  void send();
  void post();  // overlapped sends up to the backlog
  void wait_for_change();
  void follow(std::uint32_t backlog);
  void query_if_due();
  void set_send_buffer(std::uint32_t bytes);
  void note(ErrorCode code);

  UploadStyle style_;
  std::vector<std::uint8_t> bytes_;
  Host* host_ = nullptr;
  TcpSocket socket_;
  std::uint32_t buffer_bytes_ = kFixedBytes;
  std::uint32_t backlog_bytes_ = kFixedBytes;
  std::size_t outstanding_bytes_ = 0;
  Instant queried_at_;
  std::uint64_t notifications_ = 0;
  bool is_stopped_ = false;
  Error error_;
};

}  // namespace oriel::cli
