// Two manual hosts and a cable between them, on one virtual time: the bench of this folder's tests.
//
// Packets pass in order with a delay; a test may look at each one and drop it. Nothing sleeps,
// nothing is random.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "oriel/host.h"

namespace oriel::stack {

inline IpAddress ip(const char* text) {
  return IpAddress::parse(text).value();
}
inline Endpoint at(const char* text) {
  return Endpoint::parse(text).value();
}
inline Duration ms(std::int64_t n) {
  return std::chrono::milliseconds(n);
}
inline ByteView view(const std::string& s) {
  return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}
/// Bytes that differ at every place where a stream could go wrong.
inline std::vector<std::uint8_t> pattern(std::size_t n, std::uint32_t seed = 1) {
  std::vector<std::uint8_t> out(n);
  std::uint32_t x = seed;
  for (std::uint8_t& b : out) {
    x = x * 1664525 + 1013904223;
    b = static_cast<std::uint8_t>(x >> 24);
  }
  return out;
}

struct PairOptions {
  DeviceInfo device;
  HostSettings settings;
  Duration delay = std::chrono::microseconds(100);
};

class ManualPair {
 public:
  explicit ManualPair(const PairOptions& o = {}) : delay_(o.delay), a(make(o, 1)), b(make(o, 2)) {
    a_link = a.add_packet_link(device(o, 1), addresses("10.0.0.1/24", "fd00::1/64")).value();
    b_link = b.add_packet_link(device(o, 2), addresses("10.0.0.2/24", "fd00::2/64")).value();
  }

  Instant now() const { return now_; }
  /// Steps time until `is_done` or the end; returns whether it was done.
  bool run(Duration length, const std::function<bool()>& is_done = {}) {
    const Instant end = now_ + length;
    for (;;) {
      settle();
      if (is_done && is_done()) return true;
      Instant next = earlier(a.next_deadline(), b.next_deadline());
      for (const auto* q : {&to_a_, &to_b_}) {
        if (!q->empty()) next = earlier(next, q->front().at);
      }
      if (next > end) break;
      now_ = std::max(now_, next);
    }
    now_ = end;
    settle();
    return is_done && is_done();
  }

  /// Asked for every packet; true drops it.
  std::function<bool(bool is_from_a, ByteView, const Offload&)> drop;
  std::size_t packets_from_a = 0;
  std::size_t packets_from_b = 0;

 private:
  struct InFlight {
    Instant at;
    std::vector<std::uint8_t> bytes;
    Offload offload;
  };

  static Host make(const PairOptions& o, std::uint64_t seed) {
    HostOptions options;
    options.is_manual = true;
    options.seed = seed;
    options.settings = o.settings;
    return Host::create(options).value();
  }
  static DeviceInfo device(const PairOptions& o, std::uint8_t last) {
    DeviceInfo d = o.device;
    d.name = "cable";
    d.mac = {{2, 0, 0, 0, 0, last}};
    return d;
  }
  static LinkOptions addresses(const char* v4, const char* v6) {
    LinkOptions o;
    o.addresses = {Prefix::parse(v4).value(), Prefix::parse(v6).value()};
    return o;
  }
  void collect(Host& from, LinkId link, bool is_from_a, std::deque<InFlight>& to) {
    while (auto p = from.take(link)) {
      ++(is_from_a ? packets_from_a : packets_from_b);
      if (drop && drop(is_from_a, p->bytes, p->offload)) continue;
      to.push_back({now_ + delay_, {p->bytes.begin(), p->bytes.end()}, p->offload});
    }
  }
  bool arrive(Host& to, LinkId link, std::deque<InFlight>& queue) {
    bool is_any = false;
    while (!queue.empty() && queue.front().at <= now_) {
      const InFlight p = std::move(queue.front());
      queue.pop_front();
      to.inject(link, p.bytes, p.offload);
      is_any = true;
    }
    return is_any;
  }
  void settle() {
    a.advance(now_);
    b.advance(now_);
    arrive(a, a_link, to_a_);
    arrive(b, b_link, to_b_);
    a.advance(now_);
    b.advance(now_);
    collect(a, a_link, true, to_b_);
    collect(b, b_link, false, to_a_);
  }

  Duration delay_;
  Instant now_;
  std::deque<InFlight> to_a_, to_b_;

 public:
  Host a;
  Host b;
  LinkId a_link = 0;
  LinkId b_link = 0;
};

/// A connected pair of sockets, made through listener and connect.
struct Connected {
  TcpListener listener;
  TcpSocket client;  // on a
  TcpSocket server;  // on b
};
inline Connected connect(ManualPair& net, const char* where = "10.0.0.2:80",
                         const TcpOptionsForSocket& client = {}, const ListenOptions& server = {}) {
  Connected c;
  c.listener = net.b.listen_tcp(at(where), server).value();
  c.listener.async_accept([&c](Result<TcpSocket> s) { c.server = std::move(s.value()); });
  c.client = net.a.open_tcp(client).value();
  ErrorCode outcome = ErrorCode::kInProgress;
  c.client.async_connect(at(where), [&](IoResult r) { outcome = r.error; });
  net.run(ms(5000), [&] { return outcome != ErrorCode::kInProgress && c.server; });
  EXPECT_EQ(outcome, ErrorCode::kOk);
  EXPECT_TRUE(static_cast<bool>(c.server));
  return c;
}

/// Everything that can be read now.
inline std::string drain(TcpSocket& s) {
  std::string out;
  std::uint8_t buffer[4096];
  for (;;) {
    const auto n = s.try_receive(buffer);
    if (!n || *n == 0) return out;
    out.append(reinterpret_cast<const char*>(buffer), *n);
  }
}

}  // namespace oriel::stack
