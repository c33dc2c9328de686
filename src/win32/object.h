// What a HANDLE stands for.
//
// An object lives as long as a handle or a Ref to it. The last handle's close is told to it once,
// while calls that found it earlier may still be under way with their Refs.
#pragma once

#include <atomic>
#include <cstdint>

#include "runtime/ref.h"
#include "runtime/waitable.h"

namespace oriel::win32 {

using runtime::make_ref;
using runtime::Ref;

enum class ObjectKind : std::uint8_t {
  kEvent,
  kMutex,
  kSemaphore,
  kTimer,
  kThread,
  kProcess,
  kPort,
  kFile,           ///< a FileObject
  kSocket,         ///< a FileObject too
  kLayeredSocket,  ///< and so is a socket that only a layered provider knows
  kWaitRegistration,
  kKernelThread,  ///< of PsCreateSystemThread
};

class Object : public runtime::RefCounted {
 public:
  explicit Object(ObjectKind kind) : kind_(kind) {}

  ObjectKind kind() const { return kind_; }
  /// What a wait for a handle waits for; nullptr: it cannot be waited for.
  virtual runtime::Waitable* waitable() { return nullptr; }
  /// The last handle is closed. Thread: the closing one; no lock of the table is held.
  virtual void on_last_handle() {}

  static constexpr bool is_kind(ObjectKind) { return true; }

  /// It has a name (named_objects.h), which goes with its last handle.
  void note_name() { is_named_.store(true, std::memory_order_relaxed); }
  bool is_named() const { return is_named_.load(std::memory_order_relaxed); }

 private:
  friend class HandleTable;
  const ObjectKind kind_;
  std::atomic<std::uint32_t> handles_{0};
  std::atomic<bool> is_named_{false};
};

}  // namespace oriel::win32
