// What has arrived out of order, and what to tell the peer about it (RFC 9293 3.10.7.4; SACK: RFC
// 2018, 2883).
//
//   rcv_nxt        range 0          range 1
//   |  hole        [s][s][s]   hole [s]            each [s] a Slice; ranges sorted, disjoint, not
//   adjacent
//
// Bytes already held win over the same bytes arriving again. A small payload in a large block is
// copied, so that memory follows data. Nothing is allocated while empty: 16 bytes. FIN's place is
// the connection's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/buffer.h"
#include "base/seq_num.h"

namespace oriel::tcp {

class Reassembly {
 public:
  /// Ranges held at most; a segment that would make one more is dropped and will be sent again.
  static constexpr std::size_t kRangesMax = 2048;
  /// Slices held at most: bounds bookkeeping when a peer sends tiny pieces.
  static constexpr std::size_t kSlicesMax = 65536;
  /// A payload smaller than its block by this factor is copied into a block of its own size.
  static constexpr std::size_t kCompactionFactor = 4;

  Reassembly();
  ~Reassembly();
  Reassembly(Reassembly&&) noexcept;
  Reassembly& operator=(Reassembly&&) noexcept;

  /// Keeps [seq, seq + payload.size()), minus what is held. Returns bytes that were new; the rest
  /// was duplicate, and the first duplicate run is noted for DSACK. 0 when a limit was reached.
  /// Requires: seq beyond RCV.NXT, all within the receive window, payload not empty.
  std::uint32_t insert(BufferPool& pool, SeqNum seq, Slice payload);

  /// The next slice that starts at `rcv_nxt` (bytes before it are trimmed away), empty if none.
  /// Call again with the advanced rcv_nxt until empty.
  Slice pop_ready(SeqNum rcv_nxt);

  /// A segment (or part) that was received before: goes first in the next SACK option (RFC 2883 4).
  void note_duplicate(SeqRange range) { duplicate_ = range; }
  bool has_duplicate() const { return !duplicate_.is_empty(); }

  /// Blocks for a SACK option: DSACK if noted, then the range changed last, then earlier ones,
  /// never the same twice. Returns how many; forgets the DSACK. Bound: out.size() log2(ranges).
  std::size_t sack_blocks(std::span<SeqRange> out);

  bool empty() const;
  std::uint32_t size() const;        ///< bytes held
  std::size_t memory_bytes() const;  ///< blocks kept alive (an upper bound when slices share one)
  std::size_t range_count() const;
  SeqNum highest() const;  ///< end of the last range; Requires: not empty
  void clear();

 private:
  struct Store;
  std::unique_ptr<Store> store_;
  SeqRange duplicate_;
};

}  // namespace oriel::tcp
