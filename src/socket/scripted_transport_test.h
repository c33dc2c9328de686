// A Transport that does what a test tells it, and a sink that notes what finished.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "socket/stream_socket.h"

namespace oriel::socket {

class ScriptedTransport final : public Transport {
 public:
  std::size_t send(Instant, ByteView bytes) override {
    const std::size_t n = std::min(bytes.size(), room);
    sent.append(reinterpret_cast<const char*>(bytes.data()), n);
    room -= n;
    queued += n;
    return n;
  }
  std::size_t send_whole(Instant, ByteView bytes) override {
    sent.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    room -= std::min(room, bytes.size());
    queued += bytes.size();
    return bytes.size();
  }
  void send_borrowed(Instant, ByteView bytes) override {
    sent.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    queued += bytes.size();
  }
  void send_urgent(Instant, std::uint8_t byte) override { urgent.push_back(byte); }
  std::size_t receive(Instant, ByteSpan out) override {
    const std::size_t n = std::min(out.size(), readable.size());
    std::copy_n(readable.begin(), n, out.begin());
    readable.erase(0, n);
    urgent_left -= std::min(urgent_left, static_cast<std::uint32_t>(n));
    return n;
  }
  std::size_t peek(ByteSpan out, std::size_t offset) const override {
    if (offset >= readable.size()) return 0;
    const std::size_t n = std::min(out.size(), readable.size() - offset);
    std::copy_n(readable.begin() + static_cast<std::ptrdiff_t>(offset), n, out.begin());
    return n;
  }
  void shutdown_send(Instant) override { is_fin_queued = true; }
  void close(Instant) override { is_fin_queued = is_close_seen = true; }
  void abort(Instant, ErrorCode reason) override { end(reason); }
  void detach(Instant) override { is_detached = true; }
  void set_options(Instant, const tcp::TcpSocketOptions&) override {}
  void request_service() override { ++service_requests; }
  bool is_connected() const override { return is_open && !is_over; }
  bool has_ended() const override { return is_over; }
  ErrorCode error() const override { return outcome; }
  std::size_t send_room() const override { return room; }
  std::size_t readable_bytes() const override { return readable.size(); }
  bool is_at_end_of_stream() const override { return is_fin_received && readable.empty(); }
  bool is_send_closed() const override { return is_fin_queued; }
  std::uint64_t bytes_acked() const override { return acked; }
  std::uint64_t bytes_queued() const override { return queued; }
  std::uint32_t ideal_send_backlog() const override { return backlog; }
  std::uint32_t urgent_bytes_left() const override { return urgent_left; }
  void fill_info(Instant, TcpInfo&) const override {}
  const Endpoint& local() const override { return endpoint; }
  const Endpoint& remote() const override { return endpoint; }

  void end(ErrorCode reason) {
    is_over = true;
    outcome = reason;
  }
  void tell(std::uint16_t events) {
    if (user() != nullptr) user()->on_transport_events(Instant{0}, *this, events);
  }

  std::size_t room = 0;
  std::uint64_t queued = 0;
  std::uint64_t acked = 0;
  std::string sent;
  std::string readable;
  std::vector<std::uint8_t> urgent;
  std::uint32_t urgent_left = 0;
  std::uint32_t backlog = 65536;
  Endpoint endpoint;
  int service_requests = 0;
  bool is_open = true;
  bool is_over = false;
  bool is_fin_queued = false;
  bool is_fin_received = false;
  bool is_close_seen = false;
  bool is_detached = false;
  ErrorCode outcome = ErrorCode::kOk;
};

struct TestRequest final : Request {
  TestRequest(Kind k, CompletionSink& s, std::string b = {}) : bytes(std::move(b)) {
    kind = k;
    sink = &s;
    data = reinterpret_cast<std::uint8_t*>(bytes.data());
    size = bytes.size();
  }
  std::string bytes;
};

class NotingSink final : public CompletionSink {
 public:
  void on_complete(Request& request) override { finished.push_back(&request); }
  std::vector<Request*> finished;
};

}  // namespace oriel::socket
