// One cell, its verdict, and the matrix of cells.
#include "lab_compat.h"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <thread>

#include "lab_modes.h"
#include "lab_programs.h"
#include "oriel/middlebox.h"

namespace oriel::cli {
namespace {

constexpr std::uint64_t kSeed = 1;
constexpr double kNearly = 0.9;                // of a limit: it is what limits
constexpr std::size_t kDribbleBytesMax = 730;  // half a segment of 1,460
constexpr double kDefaultWindowBytes = 16'776'960;

struct PathRow {
  std::string_view name;
  std::string_view box;     // empty: none
  std::uint64_t bytes_max;  // a cell ends once so much came
};

// The clean path runs until the largest windows are open and full.
constexpr std::array kPaths = {
    PathRow{"clean", "", 800'000'000},
    PathRow{"scale-blind-gateway", "scale-blind-gateway", 300'000'000},
    PathRow{"scale-aware-gateway", "scale-aware-gateway", 300'000'000},
    PathRow{"field-obeying-peer", "field-obeying-peer=b", 300'000'000},
    PathRow{"wsopt-stripper", "wsopt-stripper", 300'000'000},
};

Result<PathRow> find_path(const std::string& name) {
  std::string known;
  for (const PathRow& p : kPaths) {
    if (p.name == name) return p;
    known += (known.empty() ? "" : ", ") + std::string(p.name);
  }
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("'{}' is not a path; there are {}", name, known));
}

// Both hosts, the path between them, and who watches.
struct Cell {
  explicit Cell(const LabMode& mode, const PathRow& row)
      : sink(mode.socket), tap(std::make_shared<WindowTap>()), world(kSeed) {
    Host& receiver = world.add_host("receiver", mode.settings);
    Host& sender = world.add_host("sender");
    sim::PathOptions path;
    path.delay = kCompatRtt / 2;
    path.rate_bits_per_second = kCompatRateBps;
    path.queue_bytes = kCompatRateBps / 8 / 10;  // one round trip's worth
    std::vector<std::shared_ptr<sim::Middlebox>> boxes = {tap};
    if (!row.box.empty()) boxes.push_back(sim::make_middlebox(row.box).value());
    LinkOptions at_receiver, at_sender;
    at_receiver.addresses = {{IpAddress::v4(10, 0, 0, 1), 24}};
    at_sender.addresses = {{IpAddress::v4(10, 0, 0, 2), 24}};
    link = &world.connect({&receiver, at_receiver}, {&sender, at_sender}, path, path,
                          std::move(boxes));
    source.listen(sender, kLabPort);
    sink.connect(receiver, {IpAddress::v4(10, 0, 0, 2), kLabPort});
  }
  std::uint64_t box_dropped() const {
    return world.statistics(*link, sim::Middlebox::Direction::kBToA).box_dropped;
  }

  Source source;
  Sink sink;
  std::shared_ptr<WindowTap> tap;
  sim::World world;  // ends before what its handlers write to
  sim::World::Link* link = nullptr;
};

// Whole round trips: windows that are smaller than the pipe come in bursts, one a round trip.
double goodput_of(const std::vector<LabSample>& samples) {
  const LabSample& last = samples.back();
  const auto trips = std::max<Duration::rep>(1, last.at / kCompatRtt / 2);
  const Duration span = trips * kCompatRtt;
  const std::uint64_t bytes = last.received_bytes - received_at(samples, last.at - span);
  return static_cast<double>(bytes) * 8 / seconds(span);
}

std::string verdict_of(const CompatRun& r, const WindowTap& tap, std::uint64_t dropped) {
  const double trip_s = seconds(kCompatRtt);
  const double full_bps = std::min(kDefaultWindowBytes * 8 / trip_s, 1.0 * kCompatRateBps);
  if (r.samples.back().received_bytes == 0) return "stalls";
  if (tap.payload_bytes_max() <= kDribbleBytesMax) {
    return fmt::format("{}-byte dribbles", tap.payload_bytes_max());
  }
  if (r.goodput_bps >= kNearly * full_bps) return "full speed";
  if (r.goodput_bps >= kNearly * r.window_bytes_max * 8 / trip_s) return "limited by window";
  if (dropped > 0) return "works, beyond the field is lost";
  // Of a small field only whole segments are used.
  const std::size_t segment = tap.payload_bytes_max();
  const double field_bps =
      static_cast<double>(tap.window_field_max() / segment * segment) * 8 / trip_s;
  if (r.goodput_bps >= kNearly * field_bps && r.goodput_bps * kNearly <= field_bps) {
    return "limited by field";
  }
  return "slow";
}

}  // namespace

std::vector<std::string> compat_path_names() {
  std::vector<std::string> names;
  for (const PathRow& p : kPaths) names.emplace_back(p.name);
  return names;
}

Result<CompatRun> run_compat(const std::string& mode_name, const std::string& path_name) {
  const auto mode = find_lab_mode(mode_name);
  if (!mode) return Failure(mode.error());
  const auto row = find_path(path_name);
  if (!row) return Failure(row.error());
  Cell cell(*mode, *row);
  LabSampler sampler(cell.world, cell.source, cell.sink, kCompatRtt / 10);
  sampler.start();
  cell.world.run_until(Instant{} + kCompatLength,
                       [&] { return cell.sink.received() >= row->bytes_max; });
  sampler.finish();
  const std::string name = mode_name + " on " + path_name;
  for (const Error& e : {cell.source.error(), cell.sink.error()}) {
    if (e.code != ErrorCode::kOk) return Failure(Error(e.code, name + ": " + e.message()));
  }
  if (!cell.world.violations().empty()) {
    return fail(ErrorCode::kMalformed, name + ": " + cell.world.violations().front());
  }
  const WindowTap& tap = *cell.tap;
  CompatRun run;
  run.mode = mode_name;
  run.path = path_name;
  run.syn_options = tap.syn_options();
  run.window_scale_sent = tap.window_scale_sent();
  run.first_window_field = tap.first_window_field().value_or(0);
  run.window_bytes_start = tap.window_bytes_start();
  run.window_bytes_max = tap.window_bytes_max();
  run.windows = tap.windows();
  run.samples = std::move(sampler.samples());
  run.goodput_bps = goodput_of(run.samples);
  run.is_completed = cell.sink.received() >= kCompatTransferBytes;
  run.verdict = verdict_of(run, tap, cell.box_dropped());
  return run;
}

std::vector<CompatCell> compat_matrix(const std::vector<std::string>& modes,
                                      const std::vector<std::string>& paths) {
  std::vector<CompatCell> cells;
  for (const std::string& path : paths) {
    for (const std::string& mode : modes) cells.push_back({mode, path});
  }
  return cells;
}

Result<std::vector<CompatRun>> run_compat_cells(const std::vector<CompatCell>& cells,
                                                const CompatProgress& progress) {
  const std::size_t all = cells.size();
  std::vector<std::optional<Result<CompatRun>>> results(all);
  std::atomic<std::size_t> next = 0;
  std::atomic<std::size_t> done = 0;
  const auto work = [&](bool is_caller) {
    for (std::size_t i = next++; i < all; i = next++) {
      results[i] = run_compat(cells[i].mode, cells[i].path);
      if (!*results[i]) next = all;
      ++done;
      if (is_caller && progress) progress(done, all);
    }
  };
  std::vector<std::thread> others;
  for (unsigned i = 1; i < std::thread::hardware_concurrency(); ++i) {
    others.emplace_back(work, false);
  }
  work(true);
  for (std::thread& t : others) t.join();
  std::vector<CompatRun> runs;
  for (auto& r : results) {
    if (!r) continue;
    if (!*r) return Failure(r->error());
    runs.push_back(std::move(**r));
  }
  return runs;
}

}  // namespace oriel::cli
