// An event: set until reset (manual), or until one waiter took it (auto-reset).
#pragma once

#include "runtime/waitable.h"

namespace oriel::runtime {

class Event final : public Waitable {
 public:
  Event(bool is_manual, bool is_initially_set) : is_manual_(is_manual), is_set_(is_initially_set) {}

  /// All three return whether it was set before. Thread: any.
  bool set();
  bool reset();
  /// Releases who waits now (one of them if auto-reset) and leaves it reset.
  bool pulse();

 private:
  bool is_signalled(const ThreadRecord&) const override { return is_set_; }
  void consume(ThreadRecord&) override { is_set_ = is_manual_; }

  const bool is_manual_;
  bool is_set_;
};

}  // namespace oriel::runtime
