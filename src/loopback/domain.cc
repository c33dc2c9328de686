// Looking: names that are called at, guests that say what they want, and who is gone.
#include "loopback/domain.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "loopback/accept_limits.h"
#include "loopback/ring_message.h"

namespace oriel::loopback {
namespace {

using runtime::UniqueFd;

/// Names that a process tries when another user has taken its first.
constexpr int kProcessNames = 4;
constexpr std::size_t kBeliefsMax = 1024;
constexpr std::size_t kQuestionsMax = 16;

std::string name_of_process(int pid, int attempt) {
  const std::string name = "p/" + std::to_string(pid);
  return attempt == 0 ? name : name + '.' + std::to_string(attempt);
}

/// The other end has neither hung up nor said anything.
bool is_silent(int fd) {
  std::uint8_t byte = 0;
  return ::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

}  // namespace

Result<std::unique_ptr<Domain>> Domain::join(std::string_view name) {
  auto names = Names::of_domain(name);
  if (!names) return Failure(names.error());
  std::unique_ptr<Domain> domain(new Domain(std::move(*names)));
  if (const auto opened = domain->open(); !opened) return Failure(opened.error());
  return domain;
}

Domain::Domain(Names names)
    : names_(std::move(names)),
      watch_(std::make_shared<FdWatch>()),
      ports_(std::make_unique<PortNames>(names_, static_cast<NameListener&>(*this))) {}

Domain::~Domain() {
  ports_.reset();  // it tells this object of the names that it gives up
}

Result<void> Domain::open() {
  spare_ = spare_descriptor();
  if (!watch_->is_open()) return fail(ErrorCode::kNoBuffers, "no descriptor is left");
  Error error;
  for (int i = 0; i < kProcessNames; ++i) {
    auto fd = names_.take(name_of_process(::getpid(), i));
    if (fd) {
      own_name_ = std::move(*fd);
      on_name_taken(own_name_.get());
      return {};
    }
    error = fd.error();
  }
  return Failure(error);
}

// --- names of ours

void Domain::on_name_taken(int fd) {
  name_fds_.push_back(fd);
  watch_->add(fd);
}

// Whoever holds a lease by that name learns from its end that the port is free.
void Domain::on_name_given_up(int fd) {
  std::erase(name_fds_, fd);
  watch_->remove(fd);
  std::erase_if(guests_, [fd](const auto& at) { return at.second.name_fd == fd; });
}

void Domain::look(Instant now) {
  if (now < next_look_) return;
  FdWatch::Event events[kEventsPerLook];
  const std::size_t n = watch_->poll(events);
  for (const auto& event : std::span(events).first(n)) on_event(event);
  next_look_ = n == 0 ? now + kLookInterval : now;
}

void Domain::on_event(const FdWatch::Event& event) {
  if (const auto peer = peers_.find(event.fd); peer != peers_.end()) {
    peer->second.state->has_news = true;
  } else if (guests_.contains(event.fd)) {
    on_guest(event);
  } else if (lease_names_.contains(event.fd)) {
    drop_lease(event.fd);
  } else if (std::find(name_fds_.begin(), name_fds_.end(), event.fd) != name_fds_.end()) {
    accept_all(event.fd);
  } else if (event.fd == beside_) {
    has_news_beside_ = true;
  }
}

void Domain::watch_beside(int fd) {
  if (watch_->add(fd)) beside_ = fd;
}

// Without a descriptor left whoever calls is hung up on, at the price of the spare one: it learns
// at once what it would else wait for.
void Domain::accept_all(int name_fd) {
  for (int i = 0; i < kAcceptsPerLook; ++i) {
    auto next = Names::accept(name_fd);
    if (!next && next.error().code == ErrorCode::kWouldBlock) return;
    if (!next) {
      spare_.reset();
      const auto refused = Names::accept(name_fd);
      const bool is_any = refused.has_value();
      spare_ = spare_descriptor();
      if (!is_any) return;
      continue;
    }
    if (guests_.size() >= kGuestsMax || !watch_->add(next->fd.get())) continue;
    Guest guest;
    guest.name_fd = name_fd;
    guest.pid = next->pid;
    guest.fd = std::move(next->fd);
    const int fd = guest.fd.get();
    guests_.insert_or_assign(fd, std::move(guest));
  }
}

void Domain::on_guest(const FdWatch::Event& event) {
  Guest& guest = guests_.at(event.fd);
  if (guest.is_answered && event.is_writable && !event.is_hung_up) return send_answer(guest);
  std::uint8_t kind = 0;
  const ssize_t n = ::recv(event.fd, &kind, 1, MSG_PEEK | MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  const bool is_call = n == 1 && guest.name_fd == own_name_.get() && !guest.is_answered;
  const bool is_of_link =
      kind == static_cast<std::uint8_t>(MessageKind::kPacket) || is_ring_kind(kind);
  if (is_call && is_of_link) {
    const int pid = guest.pid;
    UniqueFd fd = std::move(guest.fd);
    guests_.erase(event.fd);
    add_peer(pid, std::move(fd));
    arrivals_.push_back(event.fd);
    return;
  }
  if (is_call && kind == static_cast<std::uint8_t>(MessageKind::kAskStat) &&
      questions_.size() < kQuestionsMax) {
    (void)::recv(event.fd, &kind, 1, MSG_DONTWAIT);
    guest.is_answered = true;
    questions_.push_back(event.fd);
    return;
  }
  guests_.erase(event.fd);
}

// --- who serves a port

void Domain::drop_lease(int fd) {
  const auto at = lease_names_.find(fd);
  if (at == lease_names_.end()) return;
  leases_.erase(at->second);
  lease_names_.erase(at);
  beliefs_.clear();
}

Result<int> Domain::owner_of(const std::string& name) {
  if (ports_->holds(name)) return 0;
  if (const auto at = leases_.find(name); at != leases_.end()) {
    if (is_silent(at->second.fd.get())) return at->second.pid;
    drop_lease(at->second.fd.get());
  }
  auto found = names_.find(name);
  if (!found) {
    if (found.error().code == ErrorCode::kNotFound) return 0;
    return Failure(found.error());
  }
  if (found->pid == ::getpid()) return 0;
  if (leases_.size() >= kLeasesMax) drop_lease(leases_.begin()->second.fd.get());
  const int pid = found->pid;
  const int fd = found->fd.get();
  if (!watch_->add(fd)) return pid;  // good for this once
  leases_[name] = {std::move(found->fd), pid};
  lease_names_[fd] = name;
  return pid;
}

Result<int> Domain::look_up(PortOf of, const Endpoint& to, bool has_wildcard) {
  const auto exact = owner_of(name_of(of, to));
  if (!exact || *exact != 0 || has_wildcard || ports_->holds(name_of(of, to))) return exact;
  const bool is_v4 = to.address.is_v4();
  const Endpoint wildcard{is_v4 ? IpAddress::v4_any() : IpAddress::v6_any(), to.port};
  const auto wild = owner_of(name_of(of, wildcard));
  if (!wild || *wild != 0 || !is_ephemeral(to.port)) return wild;
  const std::uint16_t block = block_of(to.port);
  return ports_->owns_block(block) ? 0 : owner_of(name_of_block(block));
}

Result<Peer*> Domain::find(Instant now, PortOf of, const Endpoint& to, bool has_wildcard,
                           Trust trust) {
  const Key key{of, to};
  if (trust == Trust::kAWhile) {
    const auto at = beliefs_.find(key);
    if (at != beliefs_.end() && now < at->second.until) {
      if (at->second.pid == 0) return nullptr;
      return peer_of(at->second.pid);
    }
  }
  const auto pid = look_up(of, to, has_wildcard);
  if (!pid) return Failure(pid.error());
  if (trust == Trust::kAWhile && (*pid != 0 || has_wildcard)) {
    if (beliefs_.size() >= kBeliefsMax) beliefs_.clear();
    beliefs_[key] = {*pid, now + kTrustTime};
  }
  if (*pid == 0) return nullptr;
  return peer_of(*pid);
}

// --- links

Result<Peer*> Domain::peer_of(int pid) {
  if (const auto at = peer_fds_.find(pid); at != peer_fds_.end()) return &peers_.at(at->second);
  for (int i = 0; i < kProcessNames; ++i) {
    auto found = names_.find(name_of_process(pid, i));
    if (!found && found.error().code == ErrorCode::kNotFound) continue;
    if (!found) return Failure(found.error());
    if (found->pid != pid) continue;
    if (!watch_->add(found->fd.get())) break;
    return &add_peer(pid, std::move(found->fd));
  }
  // It has just gone, or lives in another pid namespace, where it cannot be called.
  return nullptr;
}

Peer& Domain::add_peer(int pid, UniqueFd fd) {
  const int number = fd.get();
  Peer peer;
  peer.pid = pid;
  peer.fd = number;
  peer.state = std::make_shared<LinkState>();
  auto wire = std::make_unique<PeerLink>(std::move(fd), pid, watch_, peer.state);
  peer.wire = wire.get();
  peer.device = std::move(wire);
  peer_fds_.try_emplace(pid, number);
  return peers_.insert_or_assign(number, std::move(peer)).first->second;
}

Peer* Domain::take_arrival() {
  while (!arrivals_.empty()) {
    const auto at = peers_.find(arrivals_.front());
    arrivals_.pop_front();
    if (at != peers_.end() && at->second.link == 0) return &at->second;
  }
  return nullptr;
}

Peer* Domain::peer_of_link(std::uint32_t link) {
  for (auto& [fd, peer] : peers_) {
    if (peer.link == link) return &peer;
  }
  return nullptr;
}

void Domain::forget(const Peer& peer) {
  const auto at = peer_fds_.find(peer.pid);
  if (at != peer_fds_.end() && at->second == peer.fd) peer_fds_.erase(at);
  peers_.erase(peer.fd);
}

void Domain::retire(Peer& peer) {
  if (peer.is_retired) return;
  peer.is_retired = true;
  const auto at = peer_fds_.find(peer.pid);
  if (at != peer_fds_.end() && at->second == peer.fd) peer_fds_.erase(at);
  const auto kind = static_cast<std::uint8_t>(MessageKind::kLeaving);
  (void)::send(peer.fd, &kind, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

// --- questions

int Domain::take_question() {
  while (!questions_.empty()) {
    const int fd = questions_.front();
    questions_.pop_front();
    if (guests_.contains(fd)) return fd;
  }
  return -1;
}

void Domain::answer(int question, std::vector<std::string> messages) {
  const auto at = guests_.find(question);
  if (at == guests_.end()) return;
  at->second.answer.assign(std::make_move_iterator(messages.begin()),
                           std::make_move_iterator(messages.end()));
  send_answer(at->second);
}

void Domain::send_answer(Guest& guest) {
  const int fd = guest.fd.get();
  while (!guest.answer.empty()) {
    const std::string& next = guest.answer.front();
    if (::send(fd, next.data(), next.size(), MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
      if (errno != EAGAIN) break;
      return watch_->watch_room(fd, true);
    }
    guest.answer.pop_front();
  }
  guests_.erase(fd);
}

void Domain::abandon() {
  beside_ = -1;
  watch_->abandon();
  name_fds_.clear();
  guests_.clear();
  leases_.clear();
  lease_names_.clear();
  own_name_.reset();
  ports_ = std::make_unique<PortNames>(names_, static_cast<NameListener&>(*this));
  peers_.clear();
  peer_fds_.clear();
}

}  // namespace oriel::loopback
