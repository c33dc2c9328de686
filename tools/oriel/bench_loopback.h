// The cells of `oriel bench loopback`: which there are, and what each measures.
//
// A cell is one transport under one load. Cells that differ in nothing but the transport form a
// group, whose rival is kernel TCP. Repetitions go round all cells, so that what disturbs the
// machine for a while disturbs rivals alike.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "bench_processes.h"

namespace oriel::cli {

struct LoopbackLoad {
  std::string op;  ///< round-trip, stream
  std::size_t size = 0;
  std::string api = "blocking";  ///< or nonblocking, overlapped, iocp
  /// adaptive: as the transport does by itself; sleep: a pause before each round trip, so long that
  /// whoever waits sleeps.
  std::string wait = "adaptive";
  int rcv_buffer_bytes = 0;  ///< SO_RCVBUF; 0: default
  int think_us = 0;          ///< the client works so long before each round trip
  bool is_together = false;  ///< both processes on one core

  friend bool operator==(const LoopbackLoad&, const LoopbackLoad&) = default;
};

inline LoopbackLoad load_of(const char* op, std::size_t size, const char* api = "blocking") {
  LoopbackLoad load;
  load.op = op;
  load.size = size;
  load.api = api;
  return load;
}

/// One repetition, or the medians of several.
struct LoopbackFigures {
  double p50_us = 0;
  double p99_us = 0;
  double bytes_per_s = 0;    ///< payload, one way
  double cpu_us_per_op = 0;  ///< of both processes
  double server_cpu_us_per_op = 0;
};

struct LoopbackCell {
  std::string transport;  ///< kernel-tcp, unix, ring, ordinary, fast
  LoopbackLoad load;
  bool is_plain = false;  ///< of the grid that others read: nothing but op, size, api and wait
  std::vector<LoopbackFigures> reps;
  std::string failure;  ///< why it has none, or too few

  LoopbackFigures medians() const;
  /// What its repetitions are compared by: p50_us of round trips, bytes_per_s of streams.
  double figure(const LoopbackFigures& of) const;
};

/// `groups`: some of plain, grid, think, together; others have no cells. `is_quick`: blocking calls
/// at three sizes, whatever the groups.
std::vector<LoopbackCell> loopback_cells(bool is_quick, const std::vector<std::string>& groups);

/// Measures each cell `repetitions` times for about `seconds`. `on_progress(done, all)`.
void measure_cells(std::vector<LoopbackCell>& cells, int repetitions, double seconds,
                   const std::function<void(std::size_t, std::size_t)>& on_progress);

/// The net that a cell of that transport measures. Requires: kernel-tcp, ordinary or fast.
std::unique_ptr<BenchNet> net_of(const std::string& transport, const BenchSocketOptions& options);

}  // namespace oriel::cli
