#include "tcp/time_wait.h"

#include <gtest/gtest.h>

#include "support/req.h"

namespace oriel::tcp {
namespace {

struct Row {
  std::uint32_t rcv_nxt;
  bool old_has_ts;
  std::uint32_t ts_recent;
  std::uint32_t syn_seq;
  bool syn_has_ts;
  std::uint32_t syn_ts;
  bool may_reuse;
};

// RFC 6191 section 2, with wrap rows for sequence numbers and timestamps.
constexpr Row kRows[] = {
    {1000, false, 0, 1001, false, 0, true},   // beyond
    {1000, false, 0, 1000, false, 0, false},  // equal is not beyond
    {1000, false, 0, 999, false, 0, false},
    {0xfffffff0u, false, 0, 5, false, 0, true},  // beyond across 2^32
    {5, false, 0, 0xfffffff0u, false, 0, false},
    {1000, true, 500, 10, true, 501, true},     // a larger timestamp proves it
    {1000, true, 500, 2000, true, 499, false},  // a smaller one refutes it
    {1000, true, 500, 1001, true, 500, true},   // equal: the sequence number decides
    {1000, true, 500, 1000, true, 500, false},
    {1000, true, 0xffffffffu, 10, true, 0, true},  // timestamps wrap too
    {1000, false, 0, 10, true, 77, true},          // the old one had none, the new one has
    {1000, true, 500, 1001, false, 0, true},       // the new one has none: by sequence number
    {1000, true, 500, 999, false, 0, false},
};

TEST(TimeWait, SynReusesThePairOnlyWithProof) {
  REQ("RFC9293-MAY-2");
  for (const Row& r : kRows) {
    TimeWaitRecord old;
    old.rcv_nxt = SeqNum(r.rcv_nxt);
    old.has_timestamps = r.old_has_ts;
    old.ts_recent = r.ts_recent;
    EXPECT_EQ(may_syn_reuse(old, SeqNum(r.syn_seq), r.syn_has_ts, r.syn_ts), r.may_reuse)
        << r.rcv_nxt << " " << r.syn_seq << " " << r.ts_recent << " " << r.syn_ts;
  }
}

}  // namespace
}  // namespace oriel::tcp
