// Sender and receiver are two small programs on manual hosts; a sampler looks at both ten times per
// round trip.
#include "lab_longfat.h"

#include <algorithm>
#include <array>
#include <memory>

#include "oriel/sim.h"

namespace oriel::cli {
namespace {

constexpr std::uint16_t kPort = 5001;
constexpr std::size_t kChunkBytes = 256u << 10;
constexpr double kMtuBytes = 1500;
constexpr Duration kSampleMin = std::chrono::milliseconds(1);
constexpr Duration kProgressStep = std::chrono::milliseconds(100);

// Keeps two writes outstanding, as a program that writes whenever it may.
class Source {
 public:
  Source(Host& host, Endpoint to) : to_(to), bytes_(kChunkBytes, 0x5a) {
    auto socket = host.open_tcp();
    if (socket)
      socket_ = *socket;
    else
      error_ = socket.error();
  }
  void start() {
    if (!socket_) return;
    socket_.async_connect(to_, [this](IoResult r) {
      if (r.error != ErrorCode::kOk)
        error_ = Error(r.error);
      else
        for (int i = 0; i < 2; ++i) send();
    });
  }
  TcpInfo info() const { return socket_ ? socket_.info() : TcpInfo{}; }
  const Error& error() const { return error_; }

 private:
  void send() {
    socket_.async_send(bytes_, [this](IoResult r) {
      if (r.error == ErrorCode::kOk)
        send();
      else
        error_ = Error(r.error);
    });
  }
  Endpoint to_;
  std::vector<std::uint8_t> bytes_;
  TcpSocket socket_;
  Error error_;
};

// Accepts one connection and reads all that comes.
class Sink {
 public:
  explicit Sink(Host& host) : buffer_(kChunkBytes) {
    auto listener = host.listen_tcp({IpAddress::v4_any(), kPort});
    if (!listener) {
      error_ = listener.error();
      return;
    }
    listener_ = *listener;
    listener_.async_accept([this](Result<TcpSocket> s) {
      if (!s) {
        error_ = s.error();
        return;
      }
      socket_ = *s;
      receive();
    });
  }
  std::uint64_t received() const { return received_; }
  TcpInfo info() const { return socket_ ? socket_.info() : TcpInfo{}; }
  const Error& error() const { return error_; }

 private:
  void receive() {
    socket_.async_receive(buffer_, [this](IoResult r) {
      if (r.error != ErrorCode::kOk || r.bytes == 0) return;
      received_ += r.bytes;
      receive();
    });
  }
  std::vector<std::uint8_t> buffer_;
  TcpListener listener_;
  TcpSocket socket_;
  std::uint64_t received_ = 0;
  Error error_;
};

Result<HostSettings> settings_of(const std::string& mode) {
  HostSettings s;
  if (mode == "normal") return s;
  if (mode == "no-scaling") {
    s.autotuning_level = AutotuningLevel::kDisabled;
    return s;
  }
  std::string known;
  for (const std::string& m : longfat_modes()) known += (known.empty() ? "" : ", ") + m;
  return fail(ErrorCode::kInvalidArgument, "'" + mode + "' is not a mode; there are " + known);
}

double seconds(Duration d) {
  return static_cast<double>(d.count()) * 1e-9;
}

// Looks at both ends every `interval` of virtual time.
struct Sampler {
  sim::World& world;
  const Source& source;
  const Sink& sink;
  Duration interval;
  std::vector<LongfatSample> samples;

  void take() {
    const TcpInfo out = source.info();
    const TcpInfo in = sink.info();
    samples.push_back(
        {world.now() - Instant{}, in.rcv_wnd, out.flight_size, out.cwnd, sink.received()});
    world.at(world.now() + interval, [this] { take(); });
  }
};

// Payload bytes of the last sample at or before `t`.
std::uint64_t received_at(const std::vector<LongfatSample>& samples, Duration t) {
  const auto after = std::upper_bound(samples.begin(), samples.end(), t,
                                      [](Duration x, const LongfatSample& s) { return x < s.at; });
  return after == samples.begin() ? 0 : std::prev(after)->received_bytes;
}

double time_to_90_ms(const std::vector<LongfatSample>& samples, Duration rtt, double limit_bps) {
  const double wanted_bytes = 0.9 * limit_bps / 8 * seconds(rtt);
  for (const LongfatSample& s : samples) {
    const std::uint64_t before = received_at(samples, s.at - rtt);
    if (static_cast<double>(s.received_bytes - before) >= wanted_bytes) return seconds(s.at) * 1e3;
  }
  return -1;
}

void measure(const LongfatOptions& o, LongfatRun& run) {
  // The last two thirds start with the first sample there: samples are what is known exactly.
  const auto from = std::find_if(run.samples.begin(), run.samples.end(),
                                 [&](const LongfatSample& s) { return s.at >= o.length / 3; });
  const std::uint64_t all = run.samples.back().received_bytes;
  const std::uint64_t late = all - from->received_bytes;
  run.goodput_bps = static_cast<double>(late) * 8 / seconds(o.length - from->at);
  run.goodput_from_syn_bps = static_cast<double>(all) * 8 / seconds(o.length);
  const double link_bps = static_cast<double>(o.rate_bps) * run.sender.smss / kMtuBytes;
  run.limit_bps = link_bps;
  if (o.rtt.count() > 0) {
    run.limit_bps = std::min(link_bps, run.receiver.rcv_wnd_max * 8.0 / seconds(o.rtt));
  }
  run.share = run.limit_bps > 0 ? run.goodput_bps / run.limit_bps : 0;
  run.time_to_90_ms = time_to_90_ms(run.samples, std::max(o.rtt, kSampleMin), run.limit_bps);
}

}  // namespace

std::vector<std::string> longfat_modes() {
  return {"normal", "no-scaling"};
}

Result<LongfatRun> run_longfat(const LongfatOptions& o, const std::string& mode,
                               const std::string& pcap_path, const LongfatProgress& progress) {
  const auto settings = settings_of(mode);
  if (!settings) return Failure(settings.error());
  sim::World world(o.seed);
  Host& a = world.add_host("sender", *settings);
  Host& b = world.add_host("receiver", *settings);
  sim::PathOptions path;
  path.delay = o.rtt / 2;
  path.rate_bits_per_second = o.rate_bps;
  path.queue_bytes = o.queue_bytes;
  path.loss = o.loss;
  LinkOptions at_a, at_b;
  at_a.addresses = {{IpAddress::v4(10, 0, 0, 1), 24}};
  at_b.addresses = {{IpAddress::v4(10, 0, 0, 2), 24}};
  auto& link = world.connect({&a, at_a}, {&b, at_b}, path, path);
  if (!pcap_path.empty()) {
    const auto opened = world.capture(link, pcap_path);
    if (!opened) return Failure(opened.error());
  }
  Sink sink(b);
  Source source(a, {IpAddress::v4(10, 0, 0, 2), kPort});
  source.start();
  Sampler sampler{world, source, sink, std::max(kSampleMin, o.rtt / 10), {}};
  sampler.take();
  for (Duration t{0}; t < o.length;) {
    t = std::min(t + kProgressStep, o.length);
    world.run_until(Instant{t.count()});
    if (progress) progress(mode, seconds(t) / seconds(o.length));
  }
  for (const Error& e : {source.error(), sink.error()}) {
    if (e.code != ErrorCode::kOk) return Failure(Error(e.code, mode + ": " + e.message()));
  }
  if (!world.violations().empty()) {
    return fail(ErrorCode::kMalformed, mode + ": " + world.violations().front());
  }
  LongfatRun run;
  run.mode = mode;
  run.sender = source.info();
  run.receiver = sink.info();
  run.samples = std::move(sampler.samples);
  run.samples.push_back(
      {o.length, run.receiver.rcv_wnd, run.sender.flight_size, run.sender.cwnd, sink.received()});
  measure(o, run);
  return run;
}

}  // namespace oriel::cli
