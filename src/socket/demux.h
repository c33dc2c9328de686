// To whom does a segment or datagram belong? Connections by their four values, listeners and UDP
// sockets by port and address.
//
// Connections lie in an intrusive chained table: an idle one costs 12 bytes of links and its share
// of buckets (8 to 16 bytes), and finding one touches the bucket and the stream. The hash
// multiplies and folds the tuple with two secret 64-bit keys drawn per host: whoever does not know
// them cannot aim many tuples at one bucket, and sees nothing from which to learn them (only time,
// through a whole stack). The last stream found is asked first: in bulk transfers that is the right
// one nearly always.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/random.h"
#include "oriel/address.h"
#include "socket/tcp_stream.h"

namespace oriel::socket {

class UdpSocket;

class StreamTable {
 public:
  explicit StreamTable(const SipKey& key);

  TcpStream* find(const Endpoint& local, const Endpoint& remote) {
    if (last_ != nullptr && is_same(*last_, local, remote)) return last_;
    return find_slow(local, remote);
  }
  /// Requires: none with its endpoints is there. Grows by doubling, which moves all links at once
  /// (about 10 ns each).
  void insert(TcpStream& stream);
  /// Requires: it is there.
  void erase(TcpStream& stream);
  std::size_t size() const { return size_; }

  template <class F>
  void for_each(F&& f) const {
    for (TcpStream* head : buckets_) {
      for (TcpStream* at = head; at != nullptr;) {
        TcpStream* next = at->hash_next_;
        f(*at);
        at = next;
      }
    }
  }

 private:
  static bool is_same(const TcpStream& s, const Endpoint& local, const Endpoint& remote) {
    return s.remote_.port == remote.port && s.local_.port == local.port &&
           s.remote_.address == remote.address && s.local_.address == local.address;
  }
  std::uint32_t hash(const Endpoint& local, const Endpoint& remote) const;
  TcpStream* find_slow(const Endpoint& local, const Endpoint& remote);
  TcpStream*& bucket(std::uint32_t h) { return buckets_[h & (buckets_.size() - 1)]; }
  void grow();

  SipKey key_;
  std::vector<TcpStream*> buckets_;
  std::size_t size_ = 0;
  TcpStream* last_ = nullptr;
};

/// Things bound to a port on one address or on the wildcard of a family; at most a few for each
/// port.
template <class T>
class PortTable {
 public:
  void insert(T& bound) { ports_[bound.local().port].push_back(&bound); }
  void erase(T& bound) {
    auto at = ports_.find(bound.local().port);
    if (at == ports_.end()) return;
    std::erase(at->second, &bound);
    if (at->second.empty()) ports_.erase(at);
  }
  /// The one bound to `local` exactly, else to its family's wildcard, else to `::` if that takes
  /// both families, else nullptr. Of several on the same address, the first.
  T* find(const Endpoint& local) const {
    const auto at = ports_.find(local.port);
    if (at == ports_.end()) return nullptr;
    T* wild = nullptr;
    T* both = nullptr;
    for (T* bound : at->second) {
      const IpAddress& a = bound->local().address;
      if (a == local.address) return bound;
      if (!a.is_unspecified()) continue;
      if (a.is_v4() == local.address.is_v4()) {
        if (wild == nullptr) wild = bound;
      } else if (a.is_v6() && !bound->is_v6_only() && both == nullptr) {
        both = bound;
      }
    }
    return wild != nullptr ? wild : both;
  }
  template <class F>
  void for_each(F&& f) const {
    for (const auto& [port, all] : ports_) {
      for (T* bound : all) f(*bound);
    }
  }

 private:
  boost::unordered_flat_map<std::uint16_t, std::vector<T*>> ports_;
};

}  // namespace oriel::socket
