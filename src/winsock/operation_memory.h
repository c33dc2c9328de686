// Where operations live: blocks of a few sizes that are kept when an operation ends and taken by
// the next, so that a server in its steady state allocates nothing for a call.
//
// Operations end in the host's turn, in a thread's routine or with a thread; so it has a lock, held
// for some instructions.
#pragma once

#include <array>
#include <cstddef>

#include "runtime/lock.h"

namespace oriel::winsock {

class OperationMemory {
 public:
  /// Blocks kept of each size; what comes back beyond that is freed. About 2 MiB of the smallest.
  static constexpr std::size_t kKeptMax = 4096;
  static constexpr std::size_t kGrainBytes = 128;
  static constexpr std::size_t kSizes = 8;  ///< larger ones are the heap's

  OperationMemory() = default;
  ~OperationMemory();
  OperationMemory(const OperationMemory&) = delete;
  OperationMemory& operator=(const OperationMemory&) = delete;

  /// Aligned as by operator new. Throws bad_alloc. Thread: any.
  void* take(std::size_t bytes);
  /// Requires: from take, of as many bytes. Thread: any.
  void give_back(void* memory, std::size_t bytes);

 private:
  struct Free {
    Free* next;
  };
  struct List {
    Free* first = nullptr;
    std::size_t count = 0;
  };
  static std::size_t size_index(std::size_t bytes) { return (bytes - 1) / kGrainBytes; }

  runtime::Lock lock_;
  std::array<List, kSizes> kept_;
};

/// The process's; never destroyed, because threads may end operations while the process does.
OperationMemory& operation_memory();

}  // namespace oriel::winsock
