// From HANDLE to object: every call with a handle, every socket call included, passes here.
//
//   HANDLE = 4 * (index + 1)      index -> chunk [index / 1024] -> slot [index % 1024]
//   slot word = object | kBusy    kBusy: somebody counts or takes the object, for a few
//   instructions
//
// Lookups lock one slot for some instructions and nothing else. A freed value comes back as late as
// the table allows: only when kFreeMin others have been freed since, so a stale handle is refused
// for long.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>

#include "runtime/lock.h"
#include "win32/object.h"

// The Windows type, last: its macros stay out of the others.
#include <minwindef.h>

namespace oriel::win32 {

inline constexpr std::uint32_t kHandlesMax = 1u << 22;

/// Thread: any, all calls.
class HandleTable {
 public:
  HandleTable() = default;
  ~HandleTable();  ///< closes what is open
  HandleTable(const HandleTable&) = delete;
  HandleTable& operator=(const HandleTable&) = delete;

  /// A new handle to `object`; nullptr: kHandlesMax are open, or no memory.
  HANDLE insert(Ref<Object> object);
  /// Empty: no such handle.
  Ref<Object> find(HANDLE handle);
  /// Empty also when the object is of another kind.
  template <class T>
  Ref<T> find_as(HANDLE handle) {
    Ref<Object> object = find(handle);
    if (!object || !T::is_kind(object->kind())) return nullptr;
    return Ref<T>::adopt(static_cast<T*>(object.detach()));
  }
  enum class Closed : std::uint8_t { kClosed, kNoHandle, kProtected };
  Closed close(HANDLE handle);
  /// Another handle to the same object; nullptr: as insert, or no such handle.
  HANDLE duplicate(HANDLE handle);

  /// HANDLE_FLAG_ bits: only PROTECT_FROM_CLOSE means anything here.
  bool flags(HANDLE handle, DWORD& flags);
  bool set_flags(HANDLE handle, DWORD mask, DWORD flags);

  /// Calls `visit(handle, object, context)` for each handle that is open during the call.
  void for_each(void (*visit)(HANDLE handle, Object& object, void* context), void* context);

 private:
  static constexpr std::uintptr_t kBusy = 1;
  static constexpr std::uint32_t kChunkSlots = 1024;
  static constexpr std::size_t kFreeMin = 1024;
  struct Slot {
    std::atomic<std::uintptr_t> word{0};
    std::atomic<DWORD> flags{0};
  };
  struct Chunk {
    std::array<Slot, kChunkSlots> slots;
  };

  Slot* slot_of(HANDLE handle);
  static std::uintptr_t acquire(Slot& slot);
  bool new_index(std::uint32_t& index);

  std::array<std::atomic<Chunk*>, kHandlesMax / kChunkSlots> chunks_{};
  runtime::Lock lock_;                  ///< of what follows
  std::atomic<std::uint32_t> used_{0};  ///< indices that were ever given
  std::deque<std::uint32_t> free_;      ///< the longest free in front
};

/// The process's table. Never destroyed: threads may run after main.
HandleTable& handles();

}  // namespace oriel::win32
