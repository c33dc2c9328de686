// So many a second, with as large a burst: a token bucket over an argument of time.
#pragma once

#include <algorithm>
#include <cstdint>

#include "oriel/time.h"

namespace oriel::stack {

class RateLimit {
 public:
  explicit RateLimit(std::uint32_t per_second) : per_second_(per_second), tokens_(per_second) {}

  bool may_pass(Instant now) {
    const std::int64_t interval_ns = 1'000'000'000 / per_second_;
    const std::int64_t earned = (now - filled_at_).count() / interval_ns;
    if (earned > 0) {
      tokens_ = static_cast<std::uint32_t>(std::min<std::int64_t>(per_second_, tokens_ + earned));
      filled_at_ = filled_at_ + Duration(earned * interval_ns);
    }
    if (tokens_ == 0) return false;
    --tokens_;
    return true;
  }

 private:
  std::uint32_t per_second_;
  std::uint32_t tokens_;
  Instant filled_at_;
};

}  // namespace oriel::stack
