// A counted semaphore with a maximum.
#pragma once

#include <cstdint>
#include <optional>

#include "runtime/waitable.h"

namespace oriel::runtime {

class Semaphore final : public Waitable {
 public:
  /// Requires: 0 <= initial <= maximum, maximum > 0.
  Semaphore(std::int32_t initial, std::int32_t maximum) : count_(initial), maximum_(maximum) {}

  /// Adds `count` (> 0) and returns what it was; nothing changes when that would pass the maximum.
  /// Thread: any.
  std::optional<std::int32_t> release(std::int32_t count);

 private:
  bool is_signalled(const ThreadRecord&) const override { return count_ > 0; }
  void consume(ThreadRecord&) override { --count_; }

  std::int32_t count_;
  const std::int32_t maximum_;
};

}  // namespace oriel::runtime
