// Oriel's end of `./dev bench wire`: the native API over a TUN device, the same jobs as the
// kernel's end.
//
// usage: bench_wire_host LINK ADDRESS/BITS[,GATEWAY] [buffers=BYTES] JOB ...
//        LINK: tun:NAME, unix:PATH, or plain:NAME without offload; buffers: fixed ones, both ways
//        bench_wire_host idle COUNT    memory of COUNT established connections, two manual hosts in
//        this process
// Jobs as bench_wire_peer has them, and receive_many PORT COUNT, send_many ADDRESS PORT SECONDS
// COUNT.
#include <oriel/host.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <memory>
#include <thread>

#include "support/wire_load.h"

namespace {

using namespace oriel;
using namespace oriel::bench;

template <class T>
T must(Result<T> result, const char* what) {
  if (!result) give_up(std::string(what) + ": " + result.error().message());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

class Stream {
 public:
  explicit Stream(TcpSocket socket) : socket_(std::move(socket)) {}
  void send(ByteView bytes) { must(socket_.send(bytes), "send"); }
  std::size_t receive(ByteSpan into) {
    auto got = socket_.receive(into);
    if (!got && got.error().code == ErrorCode::kConnectionReset) return 0;
    return must(std::move(got), "receive");
  }
  void finish() { must(socket_.shutdown_send(), "shutdown"); }
  void reset() { socket_.abort(); }

 private:
  TcpSocket socket_;
};

TcpOptionsForSocket options_for(std::uint32_t buffer_bytes) {
  TcpOptionsForSocket options;
  options.is_nodelay = true;
  if (buffer_bytes != 0) options.receive_buffer_bytes = options.send_buffer_bytes = buffer_bytes;
  return options;
}

struct Listener {
  TcpListener listener;
  Stream accept() { return Stream(must(listener.accept(), "accept")); }
};

struct OrielNet {
  Host& host;
  TcpOptionsForSocket options;

  Stream connect(const std::string& address, std::uint16_t port) {
    TcpSocket socket = must(host.open_tcp(options), "open");
    must(socket.connect({must(IpAddress::parse(address), "address"), port}), "connect");
    return Stream(std::move(socket));
  }
  Listener listen(std::uint16_t port) {
    ListenOptions how;
    how.backlog = 4096;
    how.tcp = options;
    return {must(host.listen_tcp({IpAddress::v4_any(), port}, how), "listen")};
  }
};

constexpr std::size_t kManyBytes = 16 * 1024;  // what one of thousands has ready at a time

// One of thousands: always one request under way.
struct Busy : std::enable_shared_from_this<Busy> {
  TcpSocket socket;
  std::vector<std::uint8_t> buffer = std::vector<std::uint8_t>(kManyBytes);
  std::atomic<std::uint64_t>* bytes = nullptr;
  std::atomic<std::size_t>* open = nullptr;

  void read() {
    socket.async_receive(buffer, [self = shared_from_this()](IoResult r) {
      if (r.error != ErrorCode::kOk || r.bytes == 0) {
        self->socket.close();
        --*self->open;
        return;
      }
      *self->bytes += r.bytes;
      self->read();
    });
  }
  void write() {
    socket.async_send(buffer, [self = shared_from_this()](IoResult r) {
      if (r.error != ErrorCode::kOk) return;
      *self->bytes += self->buffer.size();
      self->write();
    });
  }
};

// Counts until the first of them ends.
void receive_many(OrielNet net, std::uint16_t port, std::size_t count) {
  Listener listener = net.listen(port);
  // The host ends the connections after this returns, and their handlers still count.
  static std::atomic<std::uint64_t> bytes{0};
  static std::atomic<std::size_t> open{count};
  say_ready();
  for (std::size_t i = 0; i < count; ++i) {
    auto one = std::make_shared<Busy>();
    one->socket = must(listener.listener.accept(), "accept");
    one->bytes = &bytes;
    one->open = &open;
    one->read();
  }
  const std::uint64_t before = bytes;
  const Stopwatch watch;
  while (open == count) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  print_transfer(bytes - before, watch);
}

void send_many(OrielNet net, const std::string& address, std::uint16_t port, double seconds,
               std::size_t count) {
  static std::atomic<std::uint64_t> bytes{0};
  const Endpoint remote{must(IpAddress::parse(address), "address"), port};
  std::vector<std::shared_ptr<Busy>> all;
  for (std::size_t i = 0; i < count; ++i) {
    auto one = std::make_shared<Busy>();
    one->socket = must(net.host.open_tcp(net.options), "open");
    must(one->socket.connect(remote), "connect");
    one->bytes = &bytes;
    all.push_back(std::move(one));
  }
  for (auto& one : all) one->write();
  const std::uint64_t before = bytes;
  const Stopwatch watch;
  while (watch.seconds() < seconds) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  print_transfer(bytes - before, watch);
  for (auto& one : all) one->socket.abort();
}

std::size_t resident_bytes() {
  std::FILE* f = std::fopen("/proc/self/statm", "r");
  unsigned long pages = 0;
  if (f == nullptr || std::fscanf(f, "%*s %lu", &pages) != 1)
    give_up("/proc/self/statm cannot be read");
  std::fclose(f);
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

// Two manual hosts and the packets between them; memory before and after, for both ends of each
// connection.
class IdlePair {
 public:
  IdlePair() {
    HostOptions options;
    options.is_manual = true;
    DeviceInfo info;
    info.name = "pair";
    for (std::uint8_t i = 0; i < 2; ++i) {
      hosts_.push_back(must(Host::create(options), "host"));
      LinkOptions link;
      link.addresses = {{IpAddress::v4(10, 9, 0, static_cast<std::uint8_t>(i + 1)), 24}};
      links_[i] = must(hosts_[i].add_packet_link(info, link), "link");
    }
  }

  /// Until there are `count`, those of earlier calls included.
  void connect(std::size_t count) {
    connected_.reserve(kConnectionsMax);
    accepted_.reserve(kConnectionsMax);
    for (std::uint16_t port = kPortFirst; accepted_.size() < count; ++port) {
      ListenOptions options;
      options.backlog = kConnectionsPerPort;
      TcpListener listener =
          must(hosts_[1].listen_tcp({IpAddress::v4_any(), port}, options), "listen");
      connect_some(listener, port,
                   std::min<std::size_t>(kConnectionsPerPort, count - accepted_.size()));
      listener.close();
    }
  }

 private:
  static constexpr std::uint16_t kPortFirst = 1000;
  static constexpr std::size_t kConnectionsMax = 1'000'000;
  static constexpr std::uint32_t kConnectionsPerPort =
      10'000;  // below what one host has of ephemeral ports

  void connect_some(TcpListener& listener, std::uint16_t port, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      TcpSocket socket = must(hosts_[0].open_tcp(), "open");
      socket.async_connect({IpAddress::v4(10, 9, 0, 2), port}, [](IoResult r) {
        if (r.error != ErrorCode::kOk) give_up("connect: " + std::string(to_string(r.error)));
      });
      connected_.push_back(std::move(socket));
      move_packets();
      accepted_.push_back(must(listener.try_accept(), "accept"));
    }
  }
  void move_packets() {
    now_.ns += 1000;
    for (Host& host : hosts_) host.advance(now_);
    for (bool has_moved = true; has_moved;) {
      has_moved = false;
      for (std::size_t i = 0; i < 2; ++i) {
        while (auto packet = hosts_[i].take(links_[i])) {
          const std::vector<std::uint8_t> copy(packet->bytes.begin(), packet->bytes.end());
          hosts_[1 - i].inject(links_[1 - i], copy, packet->offload);
          has_moved = true;
        }
        hosts_[1 - i].advance(now_);
      }
    }
  }

  std::vector<Host> hosts_;
  LinkId links_[2] = {};
  Instant now_{1'000'000'000};
  std::vector<TcpSocket> connected_;
  std::vector<TcpSocket> accepted_;
};

void job_idle(std::size_t count) {
  IdlePair pair;
  const std::size_t warm = 100;  // brings what is allocated once
  pair.connect(warm);
  const std::size_t before = resident_bytes();
  const Stopwatch watch;
  pair.connect(warm + count);
  const double bytes = static_cast<double>(resident_bytes() - before);
  std::printf("{\"bytes_per_connection\":%.1f,\"megabytes_of_one_side\":%.2f,\"seconds\":%.3f}\n",
              bytes / static_cast<double>(2 * count), bytes / 2e6, watch.seconds());
}

Result<std::unique_ptr<Device>> open_device(const std::string& link) {
  if (!link.starts_with("plain:")) return open_link(link);
  TunOptions options;
  options.name = link.substr(6);
  options.is_offloaded = false;
  return open_tun(options);
}

bool run_on_link(std::span<char*> words) {
  HostOptions host_options;
  host_options.settings.time_wait =
      std::chrono::seconds(1);  // ports for what is measured, not for what was
  Host host = must(Host::create(host_options), "host");
  LinkOptions options;
  const std::string own = words[1];
  const std::size_t comma = std::min(own.find(','), own.size());
  options.addresses = {must(Prefix::parse(own.substr(0, comma)), "address")};
  if (comma != own.size())
    options.gateway_v4 = must(IpAddress::parse(own.substr(comma + 1)), "gateway");
  must(host.add_link(must(open_device(words[0]), words[0]), options), "link");
  std::span<char*> job = words.subspan(2);
  const std::string buffers = "buffers=";
  std::uint32_t buffer_bytes = 0;
  if (std::string(job[0]).starts_with(buffers) && job.size() > 1) {
    buffer_bytes = static_cast<std::uint32_t>(std::atoi(job[0] + buffers.size()));
    job = job.subspan(1);
  }
  OrielNet net{host, options_for(buffer_bytes)};
  if (run_job(net, job)) {
    host.end(std::chrono::seconds(10));  // on a lossy path the peer still waits for our FIN
    return true;
  }
  const auto number = [&](std::size_t i) { return std::atof(job[i]); };
  const std::string name = job[0];
  if (name == "receive_many" && job.size() == 3) {
    receive_many(net, static_cast<std::uint16_t>(number(1)), static_cast<std::size_t>(number(2)));
  } else if (name == "send_many" && job.size() == 5) {
    send_many(net, job[1], static_cast<std::uint16_t>(number(2)), number(3),
              static_cast<std::size_t>(number(4)));
  } else {
    return false;
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const std::span<char*> words(argv + 1, argv + argc);
  if (words.size() == 2 && std::string(words[0]) == "idle") {
    job_idle(static_cast<std::size_t>(std::atoi(words[1])));
    return 0;
  }
  if (words.size() >= 3 && run_on_link(words)) return 0;
  std::fputs(
      "usage: bench_wire_host LINK ADDRESS/BITS JOB ..., see the top of bench_wire_host.cc\n",
      stderr);
  return 2;
}
