// Where does a connection's sequence space begin? ISN = M + F(4-tuple, key) (RFC 6528 3, RFC
// 9293 3.4.1).
//
// M ticks every 64 ns, so that the numbers of successive incarnations of one pair move forward; F is
// keyed, so that nobody outside can predict those of another pair. Time and key come in as
// arguments. The surprise: the RFC's 4 us are too slow. Within one host a connection opens, says a
// few bytes and closes in less than that times its sequence numbers, and the next SYN of the pair
// fell on what the last one had used (the numbers still take 275 s to come round, beyond an MSL).
#pragma once

#include "base/random.h"
#include "base/seq_num.h"
#include "oriel/address.h"
#include "oriel/time.h"

namespace oriel::tcp {

/// The initial sequence number for a connection from `local` to `remote` opened at `now`.
SeqNum initial_seq_num(const SipKey& key, const Endpoint& local, const Endpoint& remote,
                       Instant now);

/// The offset added to our timestamps for this pair (RFC 7323 7.1: unpredictable across pairs,
/// steady within one so that TIME-WAIT reuse still sees time move forward). Another key than for
/// ISNs is not needed: the hash input differs.
std::uint32_t timestamp_offset(const SipKey& key, const Endpoint& local, const Endpoint& remote);

}  // namespace oriel::tcp
