// The programs of a scenario: each side of a connection sends its seeded stream in chunks,
// half-closes, and checks what it receives byte by byte.
#include "scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "draw.h"
#include "sim/stream_check.h"

namespace oriel::sim {
namespace {

using std::chrono::seconds;

constexpr std::uint16_t kPort = 7000;
constexpr Duration kTimeMax = seconds(3'600);  // virtual; then what has not finished is stuck
constexpr Duration kAfterglow = seconds(700);  // TIME-WAIT and orphans end, memory comes back

struct Bench {
  RequestLedger ledger;
  std::vector<std::string> violations;
  World world;  // goes first: a host that ends completes what is pending, and that reports

  explicit Bench(std::uint64_t seed) : world(seed) {}
  void report(const std::string& what) { violations.push_back(what); }
};

// One side of one connection. Handlers hold it; it ends with its last request.
class Side : public std::enable_shared_from_this<Side> {
 public:
  struct Plan {
    std::string name;
    std::uint64_t send_seed = 0;
    std::uint64_t receive_seed = 0;
    std::uint64_t send_bytes = 0;
    std::uint64_t receive_bytes_expected = 0;
    std::size_t chunk_bytes = 1;
    std::size_t buffer_bytes = 1;
    Duration read_pause{0};
    Duration stall{0};
    bool may_fail = false;  // an abort was drawn
  };

  Side(Bench& bench, Plan plan)
      : bench_(bench),
        plan_(std::move(plan)),
        out_(plan_.send_seed),
        in_(plan_.receive_seed),
        send_buffer_(plan_.chunk_bytes),
        receive_buffer_(plan_.buffer_bytes) {}

  void run(TcpSocket socket) {
    if (is_over_) return socket.abort();
    socket_ = std::move(socket);
    send_next();
    if (plan_.stall.count() == 0)
      receive_next();
    else
      later(plan_.stall, [](Side& s) { s.receive_next(); });
  }
  void fail_with(ErrorCode e) {
    if (is_over_) return;
    if (!plan_.may_fail) {
      bench_.report(fmt::format(
          "{}: ended with \"{}\" after {} of {} bytes sent, {} of {} received", plan_.name,
          to_string(e), sent_, plan_.send_bytes, received_, plan_.receive_bytes_expected));
    }
    finish();
  }
  void abort() {
    if (is_over_) return;
    if (socket_) socket_.abort();
    finish();
  }
  bool is_over() const { return is_over_; }
  const Plan& plan() const { return plan_; }
  std::string progress() const {
    return fmt::format("{}: {} of {} sent, {} of {} received, state {}", plan_.name, sent_,
                       plan_.send_bytes, received_, plan_.receive_bytes_expected,
                       socket_ ? to_string(socket_.info().state) : "none");
  }

 private:
  template <class F>
  void later(Duration pause, F f) {
    bench_.world.at(bench_.world.now() + pause, [self = shared_from_this(), f] {
      if (!self->is_over_) f(*self);
    });
  }
  IoHandler once(const char* what, std::uint64_t at, void (Side::*then)(IoResult)) {
    return bench_.ledger.once(
        fmt::format("{}: {} at byte {}", plan_.name, what, at),
        [self = shared_from_this(), then](IoResult r) { ((*self).*then)(r); });
  }
  void send_next() {
    if (is_over_) return;
    if (sent_ == plan_.send_bytes) {
      const auto closed = socket_.shutdown_send();
      if (!closed) return fail_with(closed.error().code);
      is_sent_ = true;
      finish_if_done();
      return;
    }
    const std::size_t n = std::min<std::uint64_t>(plan_.chunk_bytes, plan_.send_bytes - sent_);
    sending_ = n;
    out_.fill(sent_, {send_buffer_.data(), n});
    socket_.async_send({send_buffer_.data(), n}, once("send", sent_, &Side::on_sent));
  }
  void on_sent(IoResult r) {
    if (r.error != ErrorCode::kOk) return fail_with(r.error);
    sent_ += sending_;
    send_next();
  }
  void receive_next() {
    if (is_over_) return;
    socket_.async_receive(receive_buffer_, once("receive", received_, &Side::on_received));
  }
  void on_received(IoResult r) {
    if (is_over_) return;
    if (r.error != ErrorCode::kOk) return fail_with(r.error);
    if (r.bytes == 0) return on_end();
    const auto wrong = in_.first_difference(received_, ByteView(receive_buffer_).first(r.bytes));
    if (wrong)
      bench_.report(fmt::format("{}: byte {} differs from what was sent", plan_.name, *wrong));
    received_ += r.bytes;
    if (received_ > plan_.receive_bytes_expected) {
      bench_.report(fmt::format("{}: received {} bytes, more than the {} sent", plan_.name,
                                received_, plan_.receive_bytes_expected));
    }
    if (plan_.read_pause.count() == 0)
      receive_next();
    else
      later(plan_.read_pause, [](Side& s) { s.receive_next(); });
  }
  void on_end() {
    if (received_ != plan_.receive_bytes_expected) {
      bench_.report(fmt::format("{}: the stream ended after {} of {} bytes", plan_.name, received_,
                                plan_.receive_bytes_expected));
    }
    is_received_ = true;
    finish_if_done();
  }
  void finish_if_done() {
    if (is_sent_ && is_received_) finish();
  }
  void finish() {
    if (is_over_) return;
    is_over_ = true;
    if (socket_) socket_.close();
    socket_ = {};
  }

  Bench& bench_;
  Plan plan_;
  SeededStream out_;
  SeededStream in_;
  std::vector<std::uint8_t> send_buffer_;
  std::vector<std::uint8_t> receive_buffer_;
  TcpSocket socket_;
  std::uint64_t sent_ = 0;
  std::size_t sending_ = 0;
  std::uint64_t received_ = 0;
  bool is_sent_ = false;
  bool is_received_ = false;
  bool is_over_ = false;
};

struct Flow {
  std::shared_ptr<Side> client;
  std::shared_ptr<Side> server;
};

// Server sides find their flow by the port that the client was bound to.
constexpr std::uint16_t kClientPortFirst = 20'000;

class Scenario {
 public:
  explicit Scenario(std::uint64_t seed) : draw_(draw_scenario(seed)), bench_(seed), seed_(seed) {}

  ScenarioResult run(const std::string& pcap_path) {
    build(pcap_path);
    start_listener();
    for (std::size_t i = 0; i < draw_.flows.size(); ++i) start_flow(i);
    bench_.world.run_until(Instant{} + kTimeMax, [this] { return is_over(); });
    report_stuck();
    listener_.close();
    bench_.world.run_until(bench_.world.now() + kAfterglow);
    report_leftovers();
    return result();
  }

 private:
  IpAddress address(bool is_server) const {
    const auto last = static_cast<std::uint8_t>(is_server ? 2 : 1);
    if (!draw_.is_ipv6) return IpAddress::v4(10, 0, 0, last);
    std::uint8_t b[16] = {0xfd};
    b[15] = last;
    return IpAddress::v6(b);
  }
  void build(const std::string& pcap_path) {
    World& w = bench_.world;
    client_ = &w.add_host("client", draw_.client_settings);
    server_ = &w.add_host("server", draw_.server_settings);
    const auto bits = static_cast<std::uint8_t>(draw_.is_ipv6 ? 64 : 24);
    LinkOptions a, b;
    a.addresses = {{address(false), bits}};
    b.addresses = {{address(true), bits}};
    World::Link& link =
        w.connect({client_, a}, {server_, b}, draw_.paths[0].a_to_b, draw_.paths[0].b_to_a);
    if (!pcap_path.empty() && !w.capture(link, pcap_path))
      bench_.report("the capture cannot be written");
    for (const PathChange& p : draw_.paths) {
      w.at(p.at, [&w, &link, p] { w.set_path(link, p.a_to_b, p.b_to_a); });
    }
  }
  void start_listener() {
    ListenOptions options;
    options.tcp = draw_.flows[0].server_options;
    const IpAddress any = draw_.is_ipv6 ? IpAddress::v6_any() : IpAddress::v4_any();
    auto listener = server_->listen_tcp({any, kPort}, options);
    if (!listener) return bench_.report("listening failed: " + listener.error().message());
    listener_ = *listener;
    accept_next();
  }
  void accept_next() {
    listener_.async_accept([this](Result<TcpSocket> s) {
      if (!s) return;
      const std::size_t index = s->info().remote.port - kClientPortFirst;
      if (index < flows_.size())
        flows_[index].server->run(*s);
      else
        bench_.report("a connection from an unknown port was accepted");
      accept_next();
    });
  }
  Side::Plan plan(const FlowDraw& f, std::size_t index, bool is_server) const {
    Side::Plan p;
    p.name = fmt::format("flow {} {}", index, is_server ? "server" : "client");
    const std::uint64_t up = seed_ * 1000 + index * 2;
    p.send_seed = is_server ? up + 1 : up;
    p.receive_seed = is_server ? up : up + 1;
    p.send_bytes = is_server ? f.server_bytes : f.client_bytes;
    p.receive_bytes_expected = is_server ? f.client_bytes : f.server_bytes;
    p.chunk_bytes = is_server ? f.server_chunk_bytes : f.client_chunk_bytes;
    p.buffer_bytes = f.receive_bytes;
    p.read_pause = is_server ? f.server_read_pause : f.client_read_pause;
    p.stall = is_server ? f.stall : Duration(0);
    p.may_fail = !f.abort_at.is_never();
    return p;
  }
  void start_flow(std::size_t index) {
    const FlowDraw& f = draw_.flows[index];
    Flow flow;
    flow.client = std::make_shared<Side>(bench_, plan(f, index, false));
    flow.server = std::make_shared<Side>(bench_, plan(f, index, true));
    flows_.push_back(flow);
    bench_.world.at(f.start, [this, index] { connect(index); });
    if (f.abort_at.is_never()) return;
    bench_.world.at(f.abort_at,
                    [flow, f] { (f.aborts_server ? flow.server : flow.client)->abort(); });
  }
  void connect(std::size_t index) {
    const std::shared_ptr<Side> client = flows_[index].client;
    if (client->is_over()) return;  // aborted before it began
    auto socket = client_->open_tcp(draw_.flows[index].client_options);
    if (!socket) return bench_.report("opening failed: " + socket.error().message());
    const auto port = static_cast<std::uint16_t>(kClientPortFirst + index);
    const auto bound = socket->bind({address(false), port});
    if (!bound) return bench_.report("binding failed: " + bound.error().message());
    TcpSocket s = *socket;
    s.async_connect({address(true), kPort},
                    bench_.ledger.once(client->plan().name + ": connect", [client, s](IoResult r) {
                      if (r.error != ErrorCode::kOk)
                        client->fail_with(r.error);
                      else
                        client->run(s);  // aborts it if the side was aborted meanwhile
                    }));
  }
  // A flow whose abort came may leave the other side without a connection ever made.
  bool is_over(const Flow& f) const {
    return f.client->is_over() && (f.server->is_over() || f.client->plan().may_fail);
  }
  bool is_over() const {
    return std::all_of(flows_.begin(), flows_.end(), [this](const Flow& f) { return is_over(f); });
  }
  void report_stuck() {
    for (const Flow& f : flows_) {
      if (is_over(f) || f.client->plan().may_fail) continue;
      bench_.report("stuck: " + f.client->progress() + "; " + f.server->progress());
    }
    for (const Flow& f : flows_) {
      if (!f.client->plan().may_fail) continue;
      f.client->abort();
      f.server->abort();
    }
  }
  void report_leftovers() {
    for (const std::string& v : bench_.ledger.violations()) bench_.report(v);
    for (const auto& [host, name] : {std::pair{client_, "client"}, std::pair{server_, "server"}}) {
      const HostStatistics s = host->statistics();
      if (s.memory_bytes != 0) {
        bench_.report(
            fmt::format("the {} still holds {} payload bytes at the end", name, s.memory_bytes));
      }
      if (s.tcp_connections != 0) {
        bench_.report(
            fmt::format("the {} still has {} connections at the end", name, s.tcp_connections));
      }
    }
  }
  ScenarioResult result() {
    ScenarioResult r;
    r.seed = seed_;
    r.digest = bench_.world.digest();
    r.description = draw_.description;
    r.violations = bench_.world.violations();
    r.violations.insert(r.violations.end(), bench_.violations.begin(), bench_.violations.end());
    return r;
  }

  ScenarioDraw draw_;
  Bench bench_;
  std::uint64_t seed_;
  Host* client_ = nullptr;
  Host* server_ = nullptr;
  TcpListener listener_;
  std::vector<Flow> flows_;
};

}  // namespace

ScenarioResult run_scenario(std::uint64_t seed, const std::string& pcap_path) {
  return Scenario(seed).run(pcap_path);
}

}  // namespace oriel::sim
