// The life of streams: made, armed, out of the table, orphaned, freed; and the limits on how many.
#include <algorithm>

#include "stack/config.h"
#include "stack/core.h"
#include "tcp/isn.h"
#include "wire/tcp_segment.h"

namespace oriel::stack {

/// What lies longer in buffers has left the second level cache when it is copied on, and a path
/// through memory has nothing to fill. Our measurement, streams of 64 KiB sends between two
/// processes: 128 KiB 2.3 GB/s, 256 KiB 3.4, 384 KiB 3.7, 768 KiB 2.7, without an end 1.9.
constexpr std::uint64_t kMemoryBacklogBytesMax = 384u << 10;

// Addresses do not contain what else may stand there; of "tun:oriel0" the second part is enough.
static bool is_named(const ip::Interface& interface, const std::string& name) {
  const std::string& own = interface.name;
  if (name == own || name == own.substr(own.find(':') + 1)) return true;
  const auto address = IpAddress::parse(name);
  return address && interface.has_address(*address);
}

tcp::LinkFacts Core::link_facts(std::uint32_t interface_index) {
  tcp::LinkFacts facts;
  const LinkPort* port = link(interface_index);
  if (port != nullptr) {
    facts.bits_per_second = port->bits_per_second != 0 ? port->bits_per_second
                                                       : port->device().info().link_bits_per_second;
  }
  const ip::Interface* interface = ip_.interfaces().find(interface_index);
  for (const InterfaceSettings& own : settings_.interfaces) {
    if (interface == nullptr || !own.tcp_window_bytes || !is_named(*interface, own.name)) continue;
    facts.tcp_window_bytes = own.tcp_window_bytes;
  }
  return facts;
}

const tcp::TcpConfig& Core::tcp_config_over(std::uint32_t interface_index) {
  const tcp::TcpConfig* present = tcp_configs_.find(interface_index);
  if (present != nullptr) return *present;
  tcp::TcpConfig numbers = tcp_config(settings_, link_facts(interface_index));
  if (is_loopback_link(interface_index)) {
    numbers.snd_buffer_bytes_max = std::min(numbers.snd_buffer_bytes_max, kMemoryBacklogBytesMax);
  }
  return tcp_configs_.make(interface_index, numbers);
}

Stream* Core::make_stream(const Endpoint& local, const Endpoint& remote, ip::Path* path,
                          const tcp::TcpSocketOptions& options) {
  tcp::Connection::Setup setup;
  setup.config = &tcp_config_over(path->interface_index);
  setup.options = &options;
  setup.pool = &pool_;
  setup.iss = tcp::initial_seq_num(isn_key_, local, remote, now_);
  setup.timestamp_offset = tcp::timestamp_offset(isn_key_, local, remote);
  setup.path_mss =
      static_cast<std::uint16_t>(path->transport_bytes_max() - wire::kTcpHeaderBytesMin);
  setup.peer_mss = remote.address.is_v4() ? 536 : 1220;  // REQ RFC9293-MUST-15
  Stream* stream = streams_.create(*this, local, remote, setup, path);
  if (stream == nullptr) {
    ip_.release_path(path);
    return nullptr;
  }
  tcp_configs_.acquire(*setup.config);
  table_.insert(*stream);
  stream->is_in_table = true;
  if (is_peer_link(path->interface_index)) ++links_[path->interface_index]->peer_streams;
  return stream;
}

// One timer a connection, moved only when its next deadline is earlier than the armed one: a
// deadline that moves later with every ACK costs nothing until the old one fires.
void Core::arm(Stream& stream) {
  const Instant deadline = stream.connection().next_deadline();
  if (deadline.is_never()) return;
  if (stream.is_scheduled() && stream.deadline <= deadline) return;
  timers_.schedule(stream, deadline);
}

void Core::run_timers() {
  if (ip_.next_deadline() <= now_) ip_.on_timeout(now_);
  if (next_peer_check_ <= now_) retire_idle_peers();
  if (timers_.next_deadline() > now_) return;
  runtime::TimerList due;
  timers_.advance(now_, due);
  while (runtime::TimerNode* node = due.pop_front()) {
    if (node->tag != static_cast<std::uint32_t>(TimerOf::kStream)) {
      end_in_time(*node);
      continue;
    }
    auto& stream = static_cast<Stream&>(*node);
    if (stream.connection().next_deadline() > now_) {
      arm(stream);
      continue;
    }
    stream.connection().on_timeout(now_);
    make_ready(stream);
  }
}

// What is over when its time is.
void Core::end_in_time(runtime::TimerNode& node) {
  switch (static_cast<TimerOf>(node.tag)) {
    case TimerOf::kEcho: {
      auto& echo = static_cast<EchoRequest&>(node);
      std::erase(echoes_, &echo);
      return echo.complete(ErrorCode::kTimedOut);
    }
    case TimerOf::kHeldSyn:
      return drop(static_cast<HeldSyn&>(node), ErrorCode::kTimedOut);
    case TimerOf::kHeldConnect: {
      auto& connect = static_cast<HeldConnect&>(node);
      if (connect.has_ended()) return;
      connect.abort(now_, ErrorCode::kTimedOut);
      return connect.tell(now_);
    }
    case TimerOf::kOffer: {
      auto& offer = static_cast<Offer&>(node);
      if (offer.has_ended()) return;
      offer.abort(now_, ErrorCode::kTimedOut);
      return offer.tell(now_);
    }
    case TimerOf::kStream:
      return;
  }
}

Instant Core::next_deadline() const {
  if (has_work()) return now_;
  Instant next = earlier(timers_.next_deadline(), ip_.next_deadline());
  next = earlier(next, next_peer_check_);
  for (const auto& port : links_) {
    if (port != nullptr) next = earlier(next, port->device().next_deadline());
  }
  return next;
}

// CLOSED: the pair and the path are free at once; the object stays for as long as somebody holds
// it.
void Core::leave_table(Stream& stream) {
  timers_.cancel(stream);
  if (!stream.is_in_table) return;
  stream.is_in_table = false;
  table_.erase(stream);
  if (is_peer_link(stream.path->interface_index))
    --links_[stream.path->interface_index]->peer_streams;
  ip_.release_path(stream.path);
  stream.path = nullptr;
}

void Core::reap(Stream& stream) {
  leave_table(stream);
  --orphans_;
  tcp_configs_.release(stream.connection().config());
  if (stream.is_inspected()) inspected_.erase(&stream);
  streams_.destroy(&stream);
}

void Core::on_stream_orphaned(socket::TcpStream& base) {
  auto& stream = static_cast<Stream&>(base);
  ++orphans_;
  if (stream.connection().state() == TcpState::kTimeWait) note_time_wait(stream);
  limit_orphans(stream);
  make_ready(stream);
}

void Core::note_time_wait(Stream& stream) {
  if (!stream.is_orphan() || stream.is_timed_wait) return;
  stream.is_timed_wait = true;
  time_wait_.push_back(stream);
}

// Over the limit the oldest TIME-WAIT ends early, which is safe but for old duplicates (RFC
// 9293 3.6.1); if there is none, the newest orphan is given up with RST.
void Core::limit_orphans(Stream& newest) {
  if (orphans_ <= settings_.orphans_max) return;
  socket::Transport* oldest = time_wait_.pop_front();
  socket::Transport& victim = oldest != nullptr ? *oldest : newest;
  victim.abort(now_, ErrorCode::kNoBuffers);
}

void Core::close_socket(socket::StreamSocket* socket) {
  socket->close(now_);
  if (socket->is_done()) {
    sockets_.destroy(socket);
  } else {
    lingering_.push_back(socket);
  }
}

void Core::sweep_lingering() {
  std::erase_if(lingering_, [this](socket::StreamSocket* s) {
    if (!s->is_done()) return false;
    sockets_.destroy(s);
    return true;
  });
}

// The device is gone: whoever needs it ends with kDeviceLost. A connection in TIME-WAIT needs it no
// more: both FINs are acknowledged, and its program may still read what came before them.
void Core::lose_link(LinkPort& port) {
  if (port.is_peer()) return lose_peer(port);
  const std::uint32_t index = port.interface_index();
  while (Stream* stream = port.waiting_streams.pop()) ready_.push(*stream);
  std::vector<Stream*> lost;
  table_.for_each([&](socket::TcpStream& s) {
    auto& stream = static_cast<Stream&>(s);
    const bool is_over = stream.connection().state() == TcpState::kTimeWait;
    if (stream.path != nullptr && stream.path->interface_index == index && !is_over) {
      lost.push_back(&stream);
    }
  });
  for (Stream* stream : lost) stream->abort(now_, ErrorCode::kDeviceLost);
  drop_held_on(index, ErrorCode::kDeviceLost);
  links_[index].reset();
  ip_.remove_interface(index);
}

}  // namespace oriel::stack
