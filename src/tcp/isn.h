// Where does a connection's sequence space begin? ISN = M + F(4-tuple, key) (RFC 6528 3, RFC
// 9293 3.4.1).
//
// M ticks every 4 us, so that the numbers of successive incarnations of one pair move forward; F is
// keyed, so that nobody outside can predict those of another pair. Time and key come in as
// arguments.
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
