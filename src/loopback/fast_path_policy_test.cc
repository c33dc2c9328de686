// One row for each condition: alone missing, it decides.
#include "loopback/fast_path_policy.h"

#include <gtest/gtest.h>

#include "support/req.h"

namespace oriel::loopback {
namespace {

FastPathQuestion all_well() {
  FastPathQuestion q;
  q.is_asked_by_connector = q.is_loopback = q.is_listener_known = q.is_asked_by_listener = true;
  return q;
}

TEST(FastPathPolicy, TakesItWhenBothAskedAndNothingStandsAgainstIt) {
  EXPECT_EQ(fast_path_reason(all_well()), PathReason::kFast);
}

TEST(FastPathPolicy, EachConditionAloneDecides) {
  REQ("LFP-4");
  REQ("LFP-6");
  struct Row {
    bool FastPathQuestion::*field;
    bool value;
    PathReason reason;
  };
  const Row rows[] = {
      {&FastPathQuestion::is_loopback, false, PathReason::kNotLoopback},
      {&FastPathQuestion::is_asked_by_connector, false, PathReason::kConnectorDidNotAsk},
      {&FastPathQuestion::is_allowed, false, PathReason::kOffBySettings},
      {&FastPathQuestion::is_listener_known, false, PathReason::kNoListener},
      {&FastPathQuestion::is_asked_by_listener, false, PathReason::kListenerDidNotAsk},
      {&FastPathQuestion::is_filtered, true, PathReason::kFiltered},
      {&FastPathQuestion::has_room, false, PathReason::kBacklogFull},
  };
  for (const Row& row : rows) {
    FastPathQuestion q = all_well();
    q.*row.field = row.value;
    EXPECT_EQ(fast_path_reason(q), row.reason) << static_cast<int>(row.reason);
  }
}

}  // namespace
}  // namespace oriel::loopback
