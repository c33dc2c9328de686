// The PMTU cache is an ordered map, so that what it does depends on nothing but what it was told.
#include "ip/pmtu.h"

#include <algorithm>

namespace oriel::ip {

bool PmtuCache::learn(Instant now, const IpAddress& destination, std::uint32_t mtu) {
  mtu = std::max(mtu, destination.is_v4() ? kPmtuIpv4BytesMin : kPmtuIpv6BytesMin);
  const auto it = entries_.find(destination);
  if (it != entries_.end() && mtu > it->second.mtu) return false;  // never grows by a message
  if (it == entries_.end() && entries_.size() >= kPmtuEntriesMax) {
    entries_.erase(std::min_element(entries_.begin(), entries_.end(), [](auto& a, auto& b) {
      return a.second.expires < b.second.expires;
    }));
  }
  const bool is_changed = it == entries_.end() || it->second.mtu != mtu;
  entries_.insert_or_assign(destination, Entry{mtu, now + kPmtuAge});
  deadline_ = earlier(deadline_, now + kPmtuAge);
  return is_changed;
}

std::uint32_t PmtuCache::lookup(const IpAddress& destination, std::uint32_t interface_mtu) const {
  const auto it = entries_.find(destination);
  return it == entries_.end() ? interface_mtu : std::min(it->second.mtu, interface_mtu);
}

bool PmtuCache::on_timeout(Instant now) {
  if (now < deadline_) return false;
  const auto gone = std::erase_if(entries_, [&](auto& e) { return e.second.expires <= now; });
  recompute_deadline();
  return gone != 0;
}

void PmtuCache::clear() {
  entries_.clear();
  deadline_ = Instant::never();
}

void PmtuCache::recompute_deadline() {
  deadline_ = Instant::never();
  for (const auto& [destination, entry] : entries_) deadline_ = earlier(deadline_, entry.expires);
}

}  // namespace oriel::ip
