// How a connect to a loopback address meets a listener in another process of the same user.
//
// The host asks `find` once for each connect. Whoever listens in this host needs none of this. For
// another process the two sides exchange one offer and one answer over a channel that only the same
// user's processes have, memory files ahead of them, each once; what they agree on is a pair of
// slots. The implementation owns that channel, watches it for the other process's death, and calls
// its user inside the host's turn. Nothing here waits.
#pragma once

#include <cstdint>
#include <optional>

#include "loopback/memory_file.h"
#include "oriel/address.h"
#include "oriel/error.h"

namespace oriel::loopback {

/// One other process of this user, for as long as it lives; never used again for another.
using ProcessId = std::uint64_t;

/// One end, by the name that its owner gave it.
struct SlotName {
  std::uint32_t index = 0;       ///< file * kSlotsPerFile + place
  std::uint32_t generation = 0;  ///< of its state word
};

/// Who listens at an endpoint elsewhere.
struct ListenerElsewhere {
  ProcessId process = 0;
  bool is_fast_path = false;  ///< it asked for it, by the last word from there
};

/// The connecting side asks for a fast connection.
struct PipeOffer {
  ProcessId process = 0;  ///< to whom, or from whom
  Endpoint connector;
  Endpoint listener;
  SlotName slot;  ///< the connector's end
};

/// What becomes of it.
struct PipeAnswer {
  ProcessId process = 0;
  SlotName offered;  ///< names the offer
  ErrorCode error =
      ErrorCode::kOk;  ///< kConnectionRefused: nobody listens, or not for this any more
  SlotName slot;       ///< the listener's end
};

/// The host's side.
class RendezvousUser {
 public:
  /// Takes the offer (the answer says with which slot) or refuses it. Thread: the host's owner.
  virtual PipeAnswer on_offer(const PipeOffer& offer) = 0;
  virtual void on_answer(const PipeAnswer& answer) = 0;
  /// The other end of this slot of ours has something new: service its pipe.
  virtual void on_ring(std::uint32_t own_slot) = 0;
  /// Its pipes end as if it had reset them (LFP-11).
  virtual void on_process_died(ProcessId process) = 0;
  /// The file of this number, of ours, to be handed over; nullptr: there is none.
  virtual const MemoryFile* own_file(std::uint32_t number) = 0;

 protected:
  ~RendezvousUser() = default;
};

/// The domain's side. Thread: the host's owner.
class Rendezvous {
 public:
  /// Answers from what it knows, without asking anybody.
  virtual std::optional<ListenerElsewhere> find(const Endpoint& listener) = 0;
  /// Hands over the files that the slot needs, then the offer. Errors: kHostUnreachable, it has
  /// just died.
  virtual Result<void> offer(const PipeOffer& offer) = 0;
  /// Where that slot of the other process lies here, read-only; nullptr: it never gave us that
  /// file.
  virtual const std::uint8_t* view(ProcessId process, std::uint32_t slot) = 0;
  /// Rings the host of the other end of our slot. Bound: one system call, and none if it is awake.
  virtual void ring(ProcessId process, std::uint32_t peer_slot) = 0;

 protected:
  ~Rendezvous() = default;
};

}  // namespace oriel::loopback
