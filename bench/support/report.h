// What every benchmark writes: cells with their raw repetitions, as a table and as JSON.
//
// {"bench":NAME,"machine":TEXT,"cells":[{"cell","unit","repetitions":[...],"median","min","max"}]}
// A figure is a median of at least five repetitions; the spread stands beside it. Names stay stable
// once shipped (docs/guide/json.md).
#pragma once

#include <sched.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace oriel::bench {

struct Cell {
  std::string name;
  std::string unit;
  std::vector<double> repetitions;

  double median() const {
    std::vector<double> v = repetitions;
    std::sort(v.begin(), v.end());
    return v.empty() ? 0 : v[v.size() / 2];
  }
  double min() const { return *std::min_element(repetitions.begin(), repetitions.end()); }
  double max() const { return *std::max_element(repetitions.begin(), repetitions.end()); }
};

/// Keeps this thread on one core, the last one allowed, so that repetitions see the same caches.
inline void pin_to_last_core() {
  cpu_set_t allowed;
  sched_getaffinity(0, sizeof allowed, &allowed);
  for (int cpu = CPU_SETSIZE - 1; cpu >= 0; --cpu) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    sched_setaffinity(0, sizeof one, &one);
    return;
  }
}

inline std::string machine() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  std::string line;
  while (std::getline(cpuinfo, line)) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

class Report {
 public:
  explicit Report(std::string name) : name_(std::move(name)) {}

  /// Runs `measure` `repetitions` times after one that warms up and does not count.
  Cell& add(const std::string& cell, const std::string& unit, int repetitions,
            const std::function<double()>& measure) {
    measure();
    Cell c{cell, unit, {}};
    for (int i = 0; i < repetitions; ++i) c.repetitions.push_back(measure());
    std::printf("%-28s %12.3f %-14s (min %.3f, max %.3f, %d repetitions)\n", cell.c_str(),
                c.median(), unit.c_str(), c.min(), c.max(), repetitions);
    std::fflush(stdout);
    cells_.push_back(std::move(c));
    return cells_.back();
  }

  /// "-" writes to standard output. False: the file cannot be written.
  bool write_json(const std::string& path) const {
    std::FILE* f = path == "-" ? stdout : std::fopen(path.c_str(), "w");
    if (f == nullptr) return false;
    std::fprintf(f, "{\"bench\":\"%s\",\"machine\":\"%s\",\"cells\":[", name_.c_str(),
                 machine().c_str());
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      const Cell& c = cells_[i];
      std::fprintf(f, "%s{\"cell\":\"%s\",\"unit\":\"%s\",\"repetitions\":[", i == 0 ? "" : ",",
                   c.name.c_str(), c.unit.c_str());
      for (std::size_t r = 0; r < c.repetitions.size(); ++r) {
        std::fprintf(f, "%s%.6g", r == 0 ? "" : ",", c.repetitions[r]);
      }
      std::fprintf(f, "],\"median\":%.6g,\"min\":%.6g,\"max\":%.6g}", c.median(), c.min(), c.max());
    }
    std::fprintf(f, "]}\n");
    if (f != stdout) std::fclose(f);
    return true;
  }

 private:
  std::string name_;
  std::vector<Cell> cells_;
};

/// Seconds that `work` takes.
inline double seconds_of(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace oriel::bench
