// Free lists through the free blocks.
#include "winsock/operation_memory.h"

#include <new>

namespace oriel::winsock {

OperationMemory& operation_memory() {
  static OperationMemory* const memory = new OperationMemory;
  return *memory;
}

OperationMemory::~OperationMemory() {
  for (List& list : kept_) {
    while (Free* block = list.first) {
      list.first = block->next;
      ::operator delete(block);
    }
  }
}

void* OperationMemory::take(std::size_t bytes) {
  const std::size_t index = size_index(bytes);
  if (index >= kSizes) return ::operator new(bytes);
  {
    runtime::LockHold hold(lock_);
    List& list = kept_[index];
    if (Free* block = list.first) {
      list.first = block->next;
      --list.count;
      return block;
    }
  }
  return ::operator new((index + 1) * kGrainBytes);
}

void OperationMemory::give_back(void* memory, std::size_t bytes) {
  const std::size_t index = size_index(bytes);
  if (index < kSizes) {
    runtime::LockHold hold(lock_);
    List& list = kept_[index];
    if (list.count < kKeptMax) {
      list.first = new (memory) Free{list.first};
      ++list.count;
      return;
    }
  }
  ::operator delete(memory);
}

}  // namespace oriel::winsock
