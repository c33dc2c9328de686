// Runs many seeds, several at a time; a failure is one line with the seed, the violation and how to
// replay it.
//
//   sim_seeds [--seeds N] [--seed FIRST] [--jobs J] [--pcap FILE] [--verbose]
#include <fmt/format.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "scenario.h"

namespace {

struct Options {
  std::uint64_t seeds = 200;
  std::uint64_t first = 1;
  std::uint64_t jobs = std::max(1u, std::thread::hardware_concurrency());
  std::string pcap;
  bool is_verbose = false;
};

std::optional<std::uint64_t> number(const char* text) {
  char* end = nullptr;
  const std::uint64_t n = std::strtoull(text, &end, 10);
  if (*text == '\0' || *text == '-' || *end != '\0') return std::nullopt;
  return n;
}

std::optional<Options> parse(int argc, char** argv) {
  Options o;
  bool has_count = false;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--verbose") {
      o.is_verbose = true;
      continue;
    }
    if (i + 1 == argc) return std::nullopt;
    const char* value = argv[++i];
    if (word == "--pcap") {
      o.pcap = value;
      continue;
    }
    const auto n = number(value);
    if (!n) return std::nullopt;
    if (word == "--seeds")
      o.seeds = *n, has_count = true;
    else if (word == "--seed")
      o.first = *n;
    else if (word == "--jobs")
      o.jobs = std::max<std::uint64_t>(1, *n);
    else
      return std::nullopt;
    if (word == "--seed" && !has_count) o.seeds = 1;
  }
  return o;
}

// Seeds are handed out one by one; results are printed as they come.
int run_all(const Options& o) {
  std::atomic<std::uint64_t> next{0};
  std::atomic<std::uint64_t> failed{0};
  std::mutex print;
  const auto work = [&] {
    for (std::uint64_t i = next++; i < o.seeds; i = next++) {
      const auto r = oriel::sim::run_scenario(o.first + i, o.pcap);
      const std::lock_guard lock(print);
      if (o.is_verbose)
        fmt::print("seed {}: digest {:016x}: {}\n", r.seed, r.digest, r.description);
      if (r.violations.empty()) continue;
      ++failed;
      fmt::print(
          "seed {} FAILED: {} ({} in all); replay: ./dev sim --seed {} --verbose --pcap "
          "seed.pcap\n",
          r.seed, r.violations.front(), r.violations.size(), r.seed);
      if (o.is_verbose)
        for (const std::string& v : r.violations) fmt::print("  {}\n", v);
      std::fflush(stdout);
    }
  };
  std::vector<std::thread> threads;
  for (std::uint64_t j = 0; j < std::min(o.jobs, o.seeds); ++j) threads.emplace_back(work);
  for (std::thread& t : threads) t.join();
  fmt::print("{} seeds from {}: {} failed\n", o.seeds, o.first, failed.load());
  return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = parse(argc, argv);
  if (!options) {
    fmt::print(
        stderr,
        "usage: sim_seeds [--seeds N] [--seed FIRST] [--jobs J] [--pcap FILE] [--verbose]\n");
    return 2;
  }
  return run_all(*options);
}
