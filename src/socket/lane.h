// A way past the host's owner for one end of a connected stream: a thread that sends or receives
// plain bytes moves them itself, without a turn, as long as nobody wants to know anything else of
// that direction.
//
// The owner lends a direction (Transport::lend) when nothing waits or is selected there, and takes
// it back by touching it. A lane that cannot do what is asked, for whatever reason, moves nothing,
// and the call takes the usual way, where every rule is applied. So a lane knows no errors.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/bytes.h"

namespace oriel::socket {

class Lane {
 public:
  struct Moved {
    std::size_t bytes = 0;    ///< 0: go the usual way
    bool is_patient = false;  ///< as lent: a call may wait
    /// The other end's host wants to hear of it: Transport::ring_peer, in a turn.
    bool must_ring = false;
  };
  /// Copies what there is room for; a patient lane looks a moment for room. Thread: any.
  virtual Moved send(ByteView bytes) = 0;
  /// Copies what is there; a patient lane looks a moment for bytes. Thread: any.
  virtual Moved receive(ByteSpan out) = 0;

 protected:
  ~Lane() = default;
};

/// A word that stays as it is while no bytes come from another end; many ends may have the same.
struct QuietWord {
  const std::atomic<std::uint64_t>* word = nullptr;
  std::uint64_t seen = 0;
  std::shared_ptr<const void> keeper;  ///< of the memory that the word lies in; may be empty
};

/// Which directions, and how: by those who know that nothing stands against it.
struct Loan {
  bool is_send = false;
  bool is_receive = false;
  bool is_patient = false;
};

}  // namespace oriel::socket
