// One stream from a client to a server over one path of a world, checked byte by byte.
//
// The client connects, sends its bytes and half-closes; the server reads to the end. What the
// world's checkers find counts too.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "oriel/sim.h"
#include "sim/stream_check.h"

namespace oriel::sim {

struct TransferOptions {
  std::uint64_t seed = 1;
  std::uint64_t bytes = 1'000'000;
  bool is_ipv6 = false;
  bool is_from_server = false;  ///< the server sends, the client reads
  HostSettings settings;
  PathOptions path;  ///< each way
  std::vector<std::shared_ptr<Middlebox>> middleboxes;
  Duration time_max = std::chrono::seconds(600);
};

struct TransferResult {
  bool is_complete = false;
  Duration took{0};  ///< from the SYN to the end of the stream
  TcpInfo client;
  TcpInfo server;
  std::vector<std::string> violations;
};

class Transfer {
 public:
  explicit Transfer(const TransferOptions& o) : o_(o), world_(o.seed), stream_(o.seed) {
    client_host_ = &world_.add_host("client", o.settings);
    server_host_ = &world_.add_host("server", o.settings);
    link_ = &world_.connect({client_host_, link_options(1)}, {server_host_, link_options(2)},
                            o.path, o.path, o.middleboxes);
    data_.resize(o.bytes);
    stream_.fill(0, data_);
  }

  TransferResult run() {
    const Endpoint where{address(2), 80};
    TcpListener listener = server_host_->listen_tcp(where).value();
    listener.async_accept([this](Result<TcpSocket> s) {
      if (!s) return;
      server_ = *s;
      o_.is_from_server ? send(server_) : receive(server_);
    });
    client_ = client_host_->open_tcp().value();
    client_.async_connect(where, [this](IoResult r) {
      if (r.error == ErrorCode::kOk) o_.is_from_server ? receive(client_) : send(client_);
    });
    world_.run_until(Instant{} + o_.time_max, [this] { return result_.is_complete; });
    result_.took = world_.now() - Instant{};
    result_.client = client_.info();
    if (server_) result_.server = server_.info();
    for (const std::string& v : world_.violations()) result_.violations.push_back(v);
    return result_;
  }
  const PathStatistics& statistics(Middlebox::Direction d) const {
    return world_.statistics(*link_, d);
  }

 private:
  IpAddress address(std::uint8_t last) const {
    if (!o_.is_ipv6) return IpAddress::v4(10, 0, 0, last);
    std::uint8_t b[16] = {0xfd};
    b[15] = last;
    return IpAddress::v6(b);
  }
  LinkOptions link_options(std::uint8_t last) const {
    LinkOptions l;
    l.mtu = 1500;
    l.addresses = {{address(last), static_cast<std::uint8_t>(o_.is_ipv6 ? 64 : 24)}};
    return l;
  }
  void send(TcpSocket& from) {
    from.async_send(data_, [&from](IoResult r) {
      if (r.error == ErrorCode::kOk) (void)from.shutdown_send();
    });
  }
  void receive(TcpSocket& to) {
    to.async_receive(buffer_, [this, &to](IoResult r) {
      if (r.error != ErrorCode::kOk) return;
      if (r.bytes == 0) {
        result_.is_complete = got_ == o_.bytes;
        return;
      }
      if (stream_.first_difference(got_, ByteView(buffer_).first(r.bytes))) {
        result_.violations.push_back("the stream differs from what was sent");
      }
      got_ += r.bytes;
      receive(to);
    });
  }

  TransferOptions o_;
  std::vector<std::uint8_t> data_;
  std::vector<std::uint8_t> buffer_ = std::vector<std::uint8_t>(1u << 16);
  World world_;  // ends before what its handlers write to
  SeededStream stream_;
  Host* client_host_ = nullptr;
  Host* server_host_ = nullptr;
  World::Link* link_ = nullptr;
  TcpSocket client_;
  TcpSocket server_;
  std::uint64_t got_ = 0;
  TransferResult result_;
};

}  // namespace oriel::sim
