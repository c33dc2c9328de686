// What `oriel bench loopback` measures: the two ends of a byte stream, whatever carries it, and the
// nets that make them.
//
// An end belongs to one process and one thread. What fails throws BenchFailure with a sentence: a
// benchmark that goes on would measure something else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

namespace oriel::cli {

struct BenchFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class BenchEnd {
 public:
  virtual ~BenchEnd() = default;
  /// All `n` bytes; may wait.
  virtual void send(const std::uint8_t* bytes, std::size_t n) = 0;
  /// At least one and at most `n` bytes; waits. 0: the end of the stream, or the peer has died.
  virtual std::size_t receive(std::uint8_t* bytes, std::size_t n) = 0;
  /// No more will be sent.
  virtual void finish() = 0;
};

/// How a program's calls wait.
enum class BenchApi : std::uint8_t { kBlocking, kNonBlocking, kOverlapped, kCompletionPort };

struct BenchSocketOptions {
  BenchApi api = BenchApi::kBlocking;
  int rcv_buffer_bytes = 0;  ///< SO_RCVBUF before it connects; 0: as it is
};

/// Makes connections over 127.0.0.1. One in a process.
class BenchNet {
 public:
  virtual ~BenchNet() = default;
  /// Listens at a port that it picks.
  virtual std::uint16_t listen() = 0;
  virtual std::unique_ptr<BenchEnd> accept() = 0;
  virtual std::unique_ptr<BenchEnd> connect(std::uint16_t port) = 0;
  /// Looks once, without waiting, at all ends that were made, in one call; how many are readable.
  virtual int poll() = 0;
};

/// The kernel's TCP with TCP_NODELAY. Non-blocking ends wait by poll, completion ports are epoll.
std::unique_ptr<BenchNet> kernel_net(const BenchSocketOptions& options);
/// Oriel through the calls of a Windows program, on the fast path or the ordinary one.
std::unique_ptr<BenchNet> winsock_net(const BenchSocketOptions& options, bool is_fast);
/// One end of a Unix stream socket that is connected already; owns it.
std::unique_ptr<BenchEnd> unix_end(int fd, const BenchSocketOptions& options);

/// Two positions and a buffer in each direction, no checks, no sockets: what memory can do.
struct BenchRings;
std::size_t bench_rings_bytes();
/// In zeroed memory that both processes see. `is_spinning`: it never sleeps; else each wait does.
std::unique_ptr<BenchEnd> ring_end(BenchRings& rings, bool is_client, bool is_spinning);

}  // namespace oriel::cli
