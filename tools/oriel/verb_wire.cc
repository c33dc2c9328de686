// `oriel wire`: a path in real time between two stacks.
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>

#include <csignal>
#include <memory>

#include "json_writer.h"
#include "oriel/middlebox.h"
#include "output_file.h"
#include "verbs.h"
#include "wire_engine.h"

namespace oriel::cli {
namespace {

constexpr std::size_t kMtuMin = 68;       // RFC 791
constexpr std::size_t kUnixMtu = 65'535;  // the path's own --mtu is what limits packets

struct WireWords {
  std::string a;
  std::string b;
  sim::PathOptions path;
  std::vector<std::string> boxes;  // from a to b
  std::uint64_t seed = 1;
  Duration length{0};
  std::string pcap;
  std::string json;
};

// unix: creates the path and listens, whatever else opens as it is.
Result<std::unique_ptr<Device>> open_end(const std::string& spec) {
  if (spec.rfind("unix:", 0) == 0 && spec.size() > 5) {
    UnixLinkOptions options;
    options.path = spec.substr(5);
    options.is_listener = true;
    options.mtu = kUnixMtu;
    return open_unix_link(options);
  }
  auto device = open_link(spec, true);
  if (device && (*device)->info().framing != DeviceInfo::Framing::kIp) {
    return fail(
        ErrorCode::kNotSupported,
        "'" + spec +
            "' carries Ethernet frames; a wire carries IP packets: write tun:NAME or unix:PATH");
  }
  return device;
}

// Everything that the engine does not change: signals into a descriptor, timers to the nanosecond.
int prepare_process() {
  sigset_t signals;
  sigemptyset(&signals);
  for (int s : {SIGINT, SIGTERM, SIGUSR1}) sigaddset(&signals, s);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  ::prctl(PR_SET_TIMERSLACK, 1ul, 0ul, 0ul, 0ul);
  return ::signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

struct Count {
  const char* name;
  std::uint64_t sim::PathStatistics::*value;
};
constexpr Count kCounts[] = {{"packets_in", &sim::PathStatistics::packets_in},
                             {"bytes_in", &sim::PathStatistics::bytes_in},
                             {"packets_out", &sim::PathStatistics::packets_out},
                             {"bytes_out", &sim::PathStatistics::bytes_out},
                             {"lost", &sim::PathStatistics::lost},
                             {"queue_dropped", &sim::PathStatistics::queue_dropped},
                             {"reordered", &sim::PathStatistics::reordered},
                             {"duplicated", &sim::PathStatistics::duplicated},
                             {"corrupted", &sim::PathStatistics::corrupted},
                             {"too_big", &sim::PathStatistics::too_big},
                             {"down_dropped", &sim::PathStatistics::down_dropped},
                             {"box_dropped", &sim::PathStatistics::box_dropped},
                             {"queue_bytes_max", &sim::PathStatistics::queue_bytes_max}};

void print_statistics(const WireEngine& engine) {
  fmt::print(stderr, "{:<16} {:>16} {:>16}\n", "", "a to b", "b to a");
  for (const Count& c : kCounts) {
    fmt::print(stderr, "{:<16} {:>16} {:>16}\n", c.name, engine.statistics(true).*c.value,
               engine.statistics(false).*c.value);
  }
}

std::string statistics_json(const WireEngine& engine) {
  JsonWriter w;
  w.begin_object();
  for (const bool is_a_to_b : {true, false}) {
    w.begin_object(is_a_to_b ? "a_to_b" : "b_to_a");
    for (const Count& c : kCounts) w.field(c.name, engine.statistics(is_a_to_b).*c.value);
    w.end_object();
  }
  w.end_object();
  return w.text() + "\n";
}

Result<std::unique_ptr<Device>> open_captured(const std::string& spec, const std::string& pcap) {
  auto device = open_end(spec);
  if (!device || pcap.empty()) return device;
  return capture(std::move(*device), pcap, [] {
    const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
    return Instant{std::chrono::duration_cast<std::chrono::nanoseconds>(since_1970).count()};
  });
}

Result<std::vector<std::shared_ptr<sim::Middlebox>>> make_boxes(
    const std::vector<std::string>& words) {
  std::vector<std::shared_ptr<sim::Middlebox>> boxes;
  for (const std::string& word : words) {
    const auto box = sim::make_middlebox(word);
    if (!box) return Failure(box.error());
    boxes.push_back(*box);
  }
  return boxes;
}

int run_wire(const WireWords& w) {
  if (w.path.mtu != 0 && (w.path.mtu < kMtuMin || w.path.mtu > kUnixMtu)) {
    return complain("wire",
                    fmt::format("--mtu {}: write {} (the least that IPv4 knows) to {}", w.path.mtu,
                                kMtuMin, kUnixMtu),
                    kExitUsage);
  }
  auto boxes = make_boxes(w.boxes);
  if (!boxes) return complain("wire", boxes.error().message(), kExitUsage);
  const int signal_fd = prepare_process();
  auto a = open_captured(w.a, w.pcap);
  if (!a) return complain("wire", a.error().message(), kExitUsage);
  auto b = open_end(w.b);
  if (!b) return complain("wire", b.error().message(), kExitUsage);
  const std::string between = (*a)->info().name + " and " + (*b)->info().name;
  WireEngine engine(std::move(*a), std::move(*b), w.path, w.seed, std::move(*boxes));
  fmt::print(stderr, "oriel wire: ready between {}; Ctrl-C ends, SIGUSR1 prints statistics\n",
             between);
  const Instant end = w.length.count() == 0 ? Instant::never() : WireEngine::now() + w.length;
  const auto done = engine.run(signal_fd, end, [&] { print_statistics(engine); });
  print_statistics(engine);
  if (!w.json.empty()) {
    const auto written = write_text(w.json, statistics_json(engine));
    if (!written) return complain("wire", written.error().message(), kExitUsage);
  }
  if (!done) return complain("wire", done.error().message(), kExitFailed);
  return kExitDone;
}

void add_path_options(CLI::App* wire, WireWords& w) {
  add_unit_option(wire, "--delay", w.path.delay, parse_time, "one way, in each direction");
  add_unit_option(wire, "--jitter", w.path.jitter, parse_time, "up to this much more, in order");
  add_unit_option(wire, "--rate", w.path.rate_bits_per_second, parse_rate, "without it: no limit");
  add_unit_option(wire, "--queue", w.path.queue_bytes, parse_size,
                  "drop-tail, in front of the rate (1mib); 0: no limit");
  add_unit_option(wire, "--loss", w.path.loss, parse_share, "share of packets lost");
  add_unit_option(wire, "--burst-loss", w.path.burst_loss, parse_share,
                  "share of packets that start a burst of losses");
  wire->add_option("--burst-length", w.path.burst_length_packets, "mean length of a burst, packets")
      ->check(CLI::Range(1.0, 1e6));
  add_unit_option(wire, "--reorder", w.path.reorder, parse_share,
                  "share of packets delayed by --reorder-delay more");
  add_unit_option(wire, "--reorder-delay", w.path.reorder_delay, parse_time, "(1ms)");
  add_unit_option(wire, "--duplicate", w.path.duplicate, parse_share,
                  "share of packets that come twice");
  add_unit_option(wire, "--corrupt", w.path.corrupt, parse_share,
                  "share of packets with one bit flipped");
  add_unit_option(wire, "--mtu", w.path.mtu, parse_size,
                  "larger IP packets are answered by ICMP or fragmented");
}

std::string describe_boxes() {
  std::string out = "Middleboxes (at end a, asked in the order given for packets from a to b):\n";
  for (const sim::MiddleboxKind& k : sim::middlebox_kinds()) {
    out += fmt::format("  {}\n      {}\n", k.form, k.sentence);
  }
  return out;
}

}  // namespace

void add_wire(CLI::App& app, Run& run) {
  CLI::App* wire = app.add_subcommand(
      "wire", "A path with delay, rate, queue and faults in real time, between any two stacks.");
  auto w = std::make_shared<WireWords>();
  wire->add_option("--a", w->a, "one end: tun:NAME or unix:PATH (created and listened on)")
      ->required();
  wire->add_option("--b", w->b, "the other end")->required();
  add_path_options(wire, *w);
  wire->add_option("--middlebox", w->boxes, "a box in the path, as below; may be given again")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  wire->add_option("--seed", w->seed, "decides every random choice")->capture_default_str();
  add_unit_option(wire, "--for", w->length, parse_time, "end after this long; without it: Ctrl-C");
  wire->add_option("--pcap", w->pcap, "write what passes end a");
  add_output_option(wire, "--json", w->json,
                    "write the statistics at the end; - is standard output");
  wire->footer(
      describe_boxes() +
      "Both directions get the same options. Statistics come on exit and on SIGUSR1.\n"
      "Examples:\n"
      "  oriel wire --a unix:/tmp/a --b unix:/tmp/b --delay 50ms --rate 1gbit --queue 6mb\n"
      "      A long path between two programs, without any rights.\n"
      "  oriel wire --a tun:left0 --b tun:right0 --delay 20ms --loss 0.1% --seed 7\n"
      "      Between two Linux stacks: move left0 and right0 into two namespaces, give them "
      "addresses.\n"
      "  oriel wire --a unix:/tmp/a --b tun:net0 --delay 50ms --middlebox scale-blind-gateway\n"
      "      A gateway that takes 256 for 256 bytes.");
  wire->callback([w, &run] { run = [w] { return run_wire(*w); }; });
}

}  // namespace oriel::cli
