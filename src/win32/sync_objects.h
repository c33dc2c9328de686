// The objects that a handle names and a thread waits for, around what runtime provides.
#pragma once

#include "runtime/completion_port.h"
#include "runtime/event.h"
#include "runtime/mutex.h"
#include "runtime/semaphore.h"
#include "runtime/thread.h"
#include "runtime/waitable_timer.h"
#include "win32/named_objects.h"
#include "win32/object.h"

namespace oriel::win32 {

/// An object that is one thing to wait for, made from that thing's arguments.
template <class T, ObjectKind kKind>
class WaitableObject final : public Object {
 public:
  template <class... Arguments>
  explicit WaitableObject(Arguments&&... arguments)
      : Object(kKind), it(std::forward<Arguments>(arguments)...) {}
  static constexpr bool is_kind(ObjectKind kind) { return kind == kKind; }
  runtime::Waitable* waitable() override { return &it; }
  void on_last_handle() override { forget_name(*this); }
  T it;
};

using EventObject = WaitableObject<runtime::Event, ObjectKind::kEvent>;
using MutexObject = WaitableObject<runtime::Mutex, ObjectKind::kMutex>;
using SemaphoreObject = WaitableObject<runtime::Semaphore, ObjectKind::kSemaphore>;
using TimerObject = WaitableObject<runtime::WaitableTimer, ObjectKind::kTimer>;

class ThreadObject final : public Object {
 public:
  explicit ThreadObject(Ref<runtime::ThreadRecord> of, Ref<runtime::ThreadGate> held_by = nullptr)
      : Object(ObjectKind::kThread), record(std::move(of)), gate(std::move(held_by)) {}
  static constexpr bool is_kind(ObjectKind kind) { return kind == ObjectKind::kThread; }
  runtime::Waitable* waitable() override { return &record->end(); }

  const Ref<runtime::ThreadRecord> record;
  const Ref<runtime::ThreadGate> gate;  ///< of a thread that was made suspended
};

/// This process, which ends for nobody who could wait.
class ProcessObject final : public Object {
 public:
  ProcessObject() : Object(ObjectKind::kProcess) {}
  static constexpr bool is_kind(ObjectKind kind) { return kind == ObjectKind::kProcess; }
  runtime::Waitable* waitable() override { return &end_; }

 private:
  runtime::Event end_{true, false};
};

class PortObject final : public Object {
 public:
  explicit PortObject(std::uint32_t concurrency)
      : Object(ObjectKind::kPort), port(make_ref<runtime::CompletionPort>(concurrency)) {}
  static constexpr bool is_kind(ObjectKind kind) { return kind == ObjectKind::kPort; }
  void on_last_handle() override { port->close(); }

  const Ref<runtime::CompletionPort> port;
};

}  // namespace oriel::win32
