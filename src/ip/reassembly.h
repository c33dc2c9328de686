// Fragments in, whole datagrams out (RFC 791, RFC 815, RFC 1122 3.3.2, RFC 8200 4.5, RFC 5722).
//
// A datagram is kept as its fragments, sorted, until no hole is left; then it is copied once into
// one packet with a plain IP header. Any overlap poisons the datagram in both families: fragments
// that arrive later are thrown away until the timer ends it. All limits are counted in memory held.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "base/buffer.h"
#include "ip/packet.h"
#include "ip/statistics.h"
#include "oriel/address.h"
#include "oriel/time.h"

namespace oriel::ip {

inline constexpr std::size_t kReassemblyBytesMax = 4u << 20;  ///< per host, fragments' blocks
inline constexpr std::size_t kReassemblyDatagramsMax = 1024;  ///< per host
inline constexpr std::size_t kReassemblyPerSourceMax = 64;    ///< datagrams of one source
inline constexpr std::size_t kFragmentsPerDatagramMax = 128;  ///< 64 KiB in pieces of 512 bytes
inline constexpr Duration kReassemblyTimeoutIpv4 = std::chrono::seconds(30);
inline constexpr Duration kReassemblyTimeoutIpv6 = std::chrono::seconds(60);  // RFC 8200 4.5

/// One fragment, as the header parsers saw it.
struct Fragment {
  IpAddress source;
  IpAddress destination;
  std::uint32_t identification = 0;
  std::uint8_t protocol = 0;  ///< of the data; IPv6: next header of the fragment header
  bool has_more = false;
  std::uint32_t offset_bytes = 0;  ///< multiple of 8
  Slice packet;                    ///< from the IP header to the end of the fragment
  std::uint16_t data_offset = 0;   ///< where the fragment's data starts in `packet`
};

class Reassembly {
 public:
  enum class Outcome : std::uint8_t { kStored, kComplete, kDropped };

  Reassembly(BufferPool& pool, std::size_t bytes_max = kReassemblyBytesMax)
      : pool_(pool), bytes_max_(bytes_max) {}

  /// kComplete: `whole` is the datagram with an IP header (20 or 40 bytes, no options or extension
  /// headers before the data) that says so. kDropped: `reason` says why.
  Outcome add(Instant now, const Fragment& fragment, Slice& whole, DropReason& reason);
  /// Ends one datagram that is due. Returns whether there was one; `first` is its fragment with
  /// offset 0 (from the IP header), to be quoted in a time exceeded message, or empty when it never
  /// came.
  bool expire(Instant now, Slice& first);
  Instant next_deadline() const;
  std::size_t bytes() const { return bytes_; }
  std::size_t size() const { return datagrams_.size(); }

 private:
  struct Key {
    IpAddress source;
    IpAddress destination;
    std::uint32_t identification;
    std::uint8_t protocol;  ///< IPv4 only; 0 for IPv6 (RFC 8200 4.5 leaves it out)
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Piece {
    std::uint32_t begin;
    std::uint32_t end;
    Slice data;
  };
  struct Datagram {
    bool is_poisoned = false;
    std::uint32_t total_bytes = 0;  ///< 0: the last fragment has not come
    std::uint32_t received_bytes = 0;
    std::size_t held_bytes = 0;
    std::uint8_t protocol = 0;  ///< next header given by the first fragment
    Instant expires;
    Slice first;                ///< fragment with offset 0, from its IP header
    std::vector<Piece> pieces;  ///< sorted by begin, disjoint
  };
  using Table = std::map<Key, Datagram>;
  static constexpr std::size_t kBlockBytes = 2048;  ///< a small fragment still takes a block
  Datagram* find_or_make(Instant now, const Key& key, DropReason& reason);
  enum class Place : std::uint8_t { kNew, kDuplicate, kOverlap };
  Place insert(Datagram& d, const Fragment& f);
  bool make_room(const Key& keep, std::size_t bytes);
  void poison(Datagram& d);
  void erase(Table::iterator it);
  Slice assemble(const Key& key, const Datagram& d);

  BufferPool& pool_;
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  Table datagrams_;
  std::multimap<Instant, Key> deadlines_;
  std::map<IpAddress, std::size_t> per_source_;
};

}  // namespace oriel::ip
