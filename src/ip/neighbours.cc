// Neighbour states and their timers (RFC 4861 7.3.3). Entries and deadlines are ordered containers:
// the cache is off the hot path (a ready path holds its link header), and order makes runs
// repeatable.
#include "ip/neighbours.h"

#include <algorithm>
#include <cstring>

namespace oriel::ip {
namespace {

using State = Neighbours::State;

/// Whether an address is known that packets may go to.
bool is_usable(State s) {
  return s != State::kIncomplete;
}

}  // namespace

bool Neighbours::resolve(Instant now, const Key& key, MacAddress& mac) {
  const auto it = entries_.find(key);
  if (it == entries_.end()) {
    Entry* entry = make(now, key);
    if (entry == nullptr) return false;
    entry->solicits = 1;
    solicits_.push_back({key, false, {}});
    set_deadline(key, *entry, now + kRetransTimer);
    return false;
  }
  Entry& entry = it->second;
  entry.used = now;
  if (!is_usable(entry.state)) return false;
  if (entry.state == State::kStale) {
    entry.state = State::kDelay;
    set_deadline(key, entry, now + kDelayFirstProbe);
  }
  mac = entry.mac;
  return true;
}

DropReason Neighbours::queue(const Key& key, OwnedPacket packet) {
  const auto it = entries_.find(key);
  if (it == entries_.end()) return DropReason::kNeighbourLimit;
  Entry& entry = it->second;
  if (entry.is_failed) {
    failed_.push_back(std::move(packet));
    return DropReason::kNone;
  }
  DropReason dropped = DropReason::kNone;
  if (entry.pending.size() >=
      kPendingPacketsMax) {  // RFC 4861 7.2.2: the new one replaces the oldest
    entry.pending.erase(entry.pending.begin());
    dropped = DropReason::kNeighbourPending;
  }
  entry.pending.push_back(std::move(packet));
  return dropped;
}

void Neighbours::on_answer(Instant now, const Key& key, const MacAddress& mac, bool is_override) {
  const auto it = entries_.find(key);
  if (it == entries_.end() || it->second.state == State::kPermanent) return;
  Entry& entry = it->second;
  if (is_usable(entry.state) && entry.mac != mac && !is_override) {
    // RFC 4861 7.2.5: another address without override only makes a REACHABLE entry STALE.
    if (entry.state == State::kReachable) {
      entry.state = State::kStale;
      set_deadline(key, entry, Instant::never());
      ++generation_;
    }
    return;
  }
  if (!is_usable(entry.state) || entry.mac != mac) ++generation_;
  entry.mac = mac;
  become_reachable(now, key, entry);
  release(entry);
}

void Neighbours::on_hint(Instant now, const Key& key, const MacAddress& mac, bool may_create) {
  auto it = entries_.find(key);
  if (it == entries_.end()) {
    if (!may_create || make(now, key) == nullptr) return;
    it = entries_.find(key);
  }
  Entry& entry = it->second;
  if (entry.state == State::kPermanent) return;
  if (is_usable(entry.state) && entry.mac == mac) return;
  entry.mac = mac;
  entry.state = State::kStale;
  entry.is_failed = false;
  set_deadline(key, entry, Instant::never());
  ++generation_;
  if (!entry.pending.empty()) {  // sending them is sending to a STALE neighbour
    entry.state = State::kDelay;
    set_deadline(key, entry, now + kDelayFirstProbe);
    release(entry);
  }
}

void Neighbours::on_unsolicited(Instant now, const Key& key, const MacAddress& mac,
                                bool is_override) {
  const auto it = entries_.find(key);
  if (it == entries_.end()) return;
  if (is_override || !is_usable(it->second.state)) return on_hint(now, key, mac, false);
  if (it->second.mac != mac) on_answer(now, key, mac, false);
}

void Neighbours::confirm(Instant now, const Key& key) {
  const auto it = entries_.find(key);
  if (it == entries_.end() || !is_usable(it->second.state)) return;
  if (it->second.state != State::kPermanent) become_reachable(now, key, it->second);
}

void Neighbours::set_permanent(const Key& key, const MacAddress& mac) {
  Entry& entry = entries_[key];
  entry.mac = mac;
  entry.state = State::kPermanent;
  entry.is_failed = false;
  set_deadline(key, entry, Instant::never());
  release(entry);
  ++generation_;
}

void Neighbours::remove_interface(std::uint32_t index) {
  for (auto it = entries_.begin(); it != entries_.end();) {
    const auto next = std::next(it);
    if (it->first.interface_index == index) erase(it);
    it = next;
  }
  const auto is_of = [&](const auto& x) { return x.target.interface_index == index; };
  std::erase_if(solicits_, is_of);
  ++generation_;
}

bool Neighbours::poll_solicit(Solicit& out) {
  if (solicits_.empty()) return false;
  out = solicits_.front();
  solicits_.pop_front();
  return true;
}

bool Neighbours::poll_released(OwnedPacket& out) {
  if (released_.empty()) return false;
  out = std::move(released_.front());
  released_.pop_front();
  return true;
}

bool Neighbours::poll_failed(OwnedPacket& out) {
  if (failed_.empty()) return false;
  out = std::move(failed_.front());
  failed_.pop_front();
  return true;
}

void Neighbours::on_timeout(Instant now) {
  // Each entry expires at most once: what it sets lies in the future.
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    const Key key = deadlines_.begin()->second;
    const auto it = entries_.find(key);
    expire(now, key, it->second);
  }
}

Instant Neighbours::next_deadline() const {
  return deadlines_.empty() ? Instant::never() : deadlines_.begin()->first;
}

const Neighbours::State* Neighbours::state_of(const Key& key) const {
  const auto it = entries_.find(key);
  return it == entries_.end() ? nullptr : &it->second.state;
}

Neighbours::Entry* Neighbours::make(Instant now, const Key& key) {
  if (entries_.size() >= kNeighboursMax && !evict()) return nullptr;
  Entry& entry = entries_[key];
  entry.used = now;
  return &entry;
}

/// Makes room: the least recently used entry that is not permanent and not waiting for an answer.
bool Neighbours::evict() {
  auto oldest = entries_.end();
  for (auto it = entries_.begin(); it != entries_.end(); ++it) {
    const State s = it->second.state;
    if (s == State::kPermanent || (s == State::kIncomplete && !it->second.is_failed)) continue;
    if (oldest == entries_.end() || it->second.used < oldest->second.used) oldest = it;
  }
  if (oldest == entries_.end()) return false;
  erase(oldest);
  ++generation_;
  return true;
}

void Neighbours::set_deadline(const Key& key, Entry& entry, Instant deadline) {
  if (!entry.deadline.is_never()) {
    auto [it, end] = deadlines_.equal_range(entry.deadline);
    while (it != end && it->second != key) ++it;
    if (it != end) deadlines_.erase(it);
  }
  entry.deadline = deadline;
  if (!deadline.is_never()) deadlines_.emplace(deadline, key);
}

void Neighbours::become_reachable(Instant now, const Key& key, Entry& entry) {
  entry.state = State::kReachable;
  entry.is_failed = false;
  entry.solicits = 0;
  set_deadline(key, entry, now + kReachableTime);
}

void Neighbours::release(Entry& entry) {
  for (OwnedPacket& packet : entry.pending) {
    if (packet.bytes.size() >= entry.mac.bytes.size()) {
      std::memcpy(packet.bytes.mutable_data(), entry.mac.bytes.data(), entry.mac.bytes.size());
    }
    released_.push_back(std::move(packet));
  }
  entry.pending.clear();
}

void Neighbours::fail(Instant now, const Key& key, Entry& entry) {
  for (OwnedPacket& packet : entry.pending) failed_.push_back(std::move(packet));
  entry.pending.clear();
  entry.state = State::kIncomplete;
  entry.is_failed = true;
  set_deadline(key, entry, now + kUnreachableHold);
  ++generation_;
}

/// One entry's timer has run out.
void Neighbours::expire(Instant now, const Key& key, Entry& entry) {
  switch (entry.state) {
    case State::kIncomplete:
      if (entry.is_failed) return erase(entries_.find(key));
      if (entry.solicits >= kMulticastSolicitMax) return fail(now, key, entry);
      ++entry.solicits;
      solicits_.push_back({key, false, {}});
      return set_deadline(key, entry, now + kRetransTimer);
    case State::kReachable:
      entry.state = State::kStale;
      ++generation_;
      return set_deadline(key, entry, Instant::never());
    case State::kDelay:
      entry.state = State::kProbe;
      entry.solicits = 0;
      [[fallthrough]];
    case State::kProbe:
      if (entry.solicits >= kUnicastSolicitMax) return fail(now, key, entry);
      ++entry.solicits;
      solicits_.push_back({key, true, entry.mac});
      return set_deadline(key, entry, now + kRetransTimer);
    case State::kStale:
    case State::kPermanent:
      return set_deadline(key, entry, Instant::never());
  }
}

void Neighbours::erase(Table::iterator it) {
  set_deadline(it->first, it->second, Instant::never());
  entries_.erase(it);
}

}  // namespace oriel::ip
