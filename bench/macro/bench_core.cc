// How fast is the sans-IO TCP itself? Two connections back to back in one thread;
// support/back_to_back.h says how.
//
// TARGETS.md C names the goals.
#include <string>

#include "support/back_to_back.h"
#include "support/report.h"

namespace {

using namespace oriel;
using namespace oriel::bench;

}  // namespace

int main(int argc, char** argv) {
  std::string json;
  int repetitions = 7;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--json" && i + 1 < argc) json = argv[++i];
    if (argument == "--quick") repetitions = 1;
  }
  bench::pin_to_last_core();
  bench::Report report("core");
  report.add("segments_mss_1460", "Msegments/s", repetitions, [] {
    BackToBack pair(1460);
    pair.open();
    std::uint64_t segments = 0;
    const double s = bench::seconds_of([&] { segments = pair.move(4ull << 30); });
    return static_cast<double>(segments) / s / 1e6;
  });
  report.add("super_segments_64k", "Gbit/s", repetitions, [] {
    BackToBack pair(64240);  // 44 x 1460
    pair.open();
    const std::uint64_t bytes = 16ull << 30;
    const double s = bench::seconds_of([&] { pair.move(bytes); });
    return static_cast<double>(bytes) * 8 / s / 1e9;
  });
  report.add("setup_teardown", "Mconnections/s", repetitions, [] {
    BackToBack pair(1460);
    const int n = 300'000;
    const double s = bench::seconds_of([&] {
      for (int i = 0; i < n; ++i) {
        pair.open();
        pair.a->on_close(pair.now);
        pair.settle();
        pair.b->on_close(pair.now);
        pair.settle();
        pair.now.ns += 1000;
      }
    });
    return n / s / 1e6;
  });
  std::printf("sizeof(tcp::Connection) = %zu\n", sizeof(Connection));
  if (!json.empty() && !report.write_json(json)) {
    std::fprintf(stderr, "bench core: cannot write %s\n", json.c_str());
    return 2;
  }
  return 0;
}
