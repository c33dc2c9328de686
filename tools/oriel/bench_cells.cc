// Which cells there are. Groups that only the long run has are named in docs/guide/loopback.md.
#include <algorithm>
#include <array>

#include "bench_loopback.h"

namespace oriel::cli {
namespace {

using Words = std::vector<const char*>;

constexpr std::size_t kQuickSizes[] = {64, 16384, 65536};
constexpr std::size_t kSizes[] = {1, 64, 1024, 16384, 65536, 1u << 20, 4u << 20};
constexpr const char* kCellOps[] = {"round-trip", "stream"};
constexpr const char* kApis[] = {"blocking", "nonblocking", "overlapped", "iocp"};
constexpr int kSleepUs = 300;

class Cells {
 public:
  void add(const Words& transports, const LoopbackLoad& load, bool is_plain = false) {
    for (const char* transport : transports) {
      LoopbackCell& cell = cells.emplace_back();
      cell.transport = transport;
      cell.load = load;
      cell.is_plain = is_plain;
    }
  }
  std::vector<LoopbackCell> cells;
};

// The kernel has no overlapped calls: their rival is what such programs do there.
Words transports_of(const std::string& api) {
  if (api == "blocking") return {"kernel-tcp", "unix", "ring", "ordinary", "fast"};
  if (api == "overlapped") return {"ordinary", "fast"};
  return {"kernel-tcp", "unix", "ordinary", "fast"};
}

void add_plain(Cells& cells) {
  for (const char* api : kApis) {
    for (const char* op : kCellOps) {
      for (const std::size_t size : kSizes) {
        cells.add(transports_of(api), load_of(op, size, api), true);
      }
    }
  }
  for (const std::size_t size : {std::size_t{64}, std::size_t{16384}}) {
    LoopbackLoad load = load_of("round-trip", size);
    load.wait = "sleep";
    load.think_us = kSleepUs;
    cells.add(transports_of("blocking"), load, true);
  }
}

void add_grid(Cells& cells) {
  for (const int rcv_buffer : {4096, 65536, 4 << 20}) {
    for (const char* api : kApis) {
      for (const char* op : kCellOps) {
        for (const std::size_t size : kSizes) {
          LoopbackLoad load = load_of(op, size, api);
          load.rcv_buffer_bytes = rcv_buffer;
          Words transports = {"kernel-tcp", "ordinary", "fast"};
          if (load.api == "overlapped") transports.erase(transports.begin());
          cells.add(transports, load);
        }
      }
    }
  }
}

void add_think(Cells& cells) {
  for (const int think_us : {5, 20, 50, 100, 200}) {
    LoopbackLoad load = load_of("round-trip", 64);
    load.think_us = think_us;
    cells.add({"kernel-tcp", "ordinary", "fast"}, load);
  }
}

void add_together(Cells& cells) {
  for (const char* op : kCellOps) {
    for (const std::size_t size : kQuickSizes) {
      LoopbackLoad load = load_of(op, size);
      load.is_together = true;
      cells.add({"kernel-tcp", "unix", "ordinary", "fast"}, load);
    }
  }
}

}  // namespace

std::vector<LoopbackCell> loopback_cells(bool is_quick, const std::vector<std::string>& groups) {
  Cells cells;
  if (is_quick) {
    for (const char* op : kCellOps) {
      for (const std::size_t size : kQuickSizes) {
        cells.add(transports_of("blocking"), load_of(op, size), true);
      }
    }
    return cells.cells;
  }
  const auto is_wanted = [&](const char* group) {
    return std::find(groups.begin(), groups.end(), group) != groups.end();
  };
  if (is_wanted("plain")) add_plain(cells);
  if (is_wanted("think")) add_think(cells);
  if (is_wanted("together")) add_together(cells);
  if (is_wanted("grid")) add_grid(cells);
  return cells.cells;
}

}  // namespace oriel::cli
