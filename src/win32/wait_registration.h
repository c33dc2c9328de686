// A wait that another thread makes for the program, calling it back.
//
// Each registration has a thread of its own: few programs have more than a handful. The callback
// runs there, so callbacks of one registration never overlap.
#pragma once

#include <minwinbase.h>
#include <threadpoollegacyapiset.h>

#include "runtime/event.h"
#include "win32/object.h"

namespace oriel::win32 {

class WaitRegistration final : public Object {
 public:
  WaitRegistration(Ref<Object> waited_for, WAITORTIMERCALLBACK callback, void* context, DWORD ms,
                   bool is_once)
      : Object(ObjectKind::kWaitRegistration),
        object_(std::move(waited_for)),
        callback_(callback),
        context_(context),
        ms_(ms),
        is_once_(is_once) {}
  static constexpr bool is_kind(ObjectKind kind) { return kind == ObjectKind::kWaitRegistration; }

  /// False: no thread is left.
  bool start();
  /// No callback begins afterwards. Thread: any.
  void cancel() { cancelled_.set(); }
  /// Signalled once no callback runs and none will.
  runtime::Event& end() { return end_; }
  bool is_own_thread() const;
  /// Set at the end too, for the program. Requires: before cancel.
  void tell(Ref<Object> event) { told_ = std::move(event); }

 private:
  void run();

  const Ref<Object> object_;
  const WAITORTIMERCALLBACK callback_;
  void* const context_;
  const DWORD ms_;
  const bool is_once_;
  Ref<Object> told_;
  runtime::Event cancelled_{true, false};
  runtime::Event end_{true, false};
  std::atomic<std::uint32_t> thread_id_{0};
};

}  // namespace oriel::win32
