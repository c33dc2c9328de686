// Slots with one busy bit, and a queue of free ones.
#include "win32/handle_table.h"

#include <handleapi.h>

#include <new>

namespace oriel::win32 {

HandleTable::~HandleTable() {
  for (std::uint32_t i = 0; i < used_; ++i) {
    close(reinterpret_cast<HANDLE>(std::uintptr_t{i + 1} * 4));
  }
  for (auto& chunk : chunks_) delete chunk.load();
}

HandleTable::Slot* HandleTable::slot_of(HANDLE handle) {
  const auto value = reinterpret_cast<std::uintptr_t>(handle);
  const std::uintptr_t index = value / 4 - 1;  // 0 becomes huge
  if (value % 4 != 0 || index >= kHandlesMax) return nullptr;
  Chunk* chunk = chunks_[index / kChunkSlots].load(std::memory_order_acquire);
  return chunk == nullptr ? nullptr : &chunk->slots[index % kChunkSlots];
}

// Returns the object's address with the slot busy, or 0 with the slot as it was.
std::uintptr_t HandleTable::acquire(Slot& slot) {
  std::uintptr_t seen = slot.word.load(std::memory_order_relaxed);
  for (;;) {
    if (seen == 0) return 0;
    if ((seen & kBusy) != 0) {
      runtime::spin_pause();
      seen = slot.word.load(std::memory_order_relaxed);
    } else if (slot.word.compare_exchange_weak(seen, seen | kBusy, std::memory_order_acquire,
                                               std::memory_order_relaxed)) {
      return seen;
    }
  }
}

bool HandleTable::new_index(std::uint32_t& index) {
  runtime::LockHold hold(lock_);
  if (free_.size() > kFreeMin || (used_ == kHandlesMax && !free_.empty())) {
    index = free_.front();
    free_.pop_front();
    return true;
  }
  if (used_ == kHandlesMax) return false;
  auto& chunk = chunks_[used_ / kChunkSlots];
  if (chunk.load(std::memory_order_relaxed) == nullptr) {
    Chunk* made = new (std::nothrow) Chunk;
    if (made == nullptr) return false;
    chunk.store(made, std::memory_order_release);
  }
  index = used_++;
  return true;
}

HANDLE HandleTable::insert(Ref<Object> object) {
  std::uint32_t index = 0;
  if (!object || !new_index(index)) return nullptr;
  const auto handle = reinterpret_cast<HANDLE>(std::uintptr_t{index + 1} * 4);
  object->handles_.fetch_add(1, std::memory_order_relaxed);
  Slot& slot = *slot_of(handle);
  slot.flags.store(0, std::memory_order_relaxed);
  slot.word.store(reinterpret_cast<std::uintptr_t>(object.detach()), std::memory_order_release);
  return handle;
}

Ref<Object> HandleTable::find(HANDLE handle) {
  Slot* slot = slot_of(handle);
  if (slot == nullptr) return nullptr;
  const std::uintptr_t word = acquire(*slot);
  if (word == 0) return nullptr;
  Ref<Object> found(reinterpret_cast<Object*>(word));
  slot->word.store(word, std::memory_order_release);
  return found;
}

HandleTable::Closed HandleTable::close(HANDLE handle) {
  Slot* slot = slot_of(handle);
  const std::uintptr_t word = slot == nullptr ? 0 : acquire(*slot);
  if (word == 0) return Closed::kNoHandle;
  if ((slot->flags.load(std::memory_order_relaxed) & HANDLE_FLAG_PROTECT_FROM_CLOSE) != 0) {
    slot->word.store(word, std::memory_order_release);
    return Closed::kProtected;
  }
  slot->word.store(0, std::memory_order_release);
  auto object = Ref<Object>::adopt(reinterpret_cast<Object*>(word));
  if (object->handles_.fetch_sub(1, std::memory_order_acq_rel) == 1) object->on_last_handle();
  const auto index = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(handle) / 4 - 1);
  runtime::LockHold hold(lock_);
  free_.push_back(index);
  return Closed::kClosed;
}

HANDLE HandleTable::duplicate(HANDLE handle) {
  return insert(find(handle));
}

bool HandleTable::flags(HANDLE handle, DWORD& flags) {
  Slot* slot = slot_of(handle);
  if (slot == nullptr || slot->word.load(std::memory_order_acquire) == 0) return false;
  flags = slot->flags.load(std::memory_order_relaxed);
  return true;
}

bool HandleTable::set_flags(HANDLE handle, DWORD mask, DWORD flags) {
  Slot* slot = slot_of(handle);
  const std::uintptr_t word = slot == nullptr ? 0 : acquire(*slot);
  if (word == 0) return false;
  slot->flags.store((slot->flags.load(std::memory_order_relaxed) & ~mask) | (flags & mask),
                    std::memory_order_relaxed);
  slot->word.store(word, std::memory_order_release);
  return true;
}

void HandleTable::for_each(void (*visit)(HANDLE handle, Object& object, void* context),
                           void* context) {
  const std::uint32_t used = used_;
  for (std::uint32_t i = 0; i < used; ++i) {
    const auto handle = reinterpret_cast<HANDLE>(std::uintptr_t{i + 1} * 4);
    if (Ref<Object> object = find(handle)) visit(handle, *object, context);
  }
}

HandleTable& handles() {
  static HandleTable& table = *new HandleTable;
  return table;
}

}  // namespace oriel::win32
