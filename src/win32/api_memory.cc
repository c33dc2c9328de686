// Heaps, local and global memory, pages.
//
//   | Block: heap, size, list | what the program sees ...        (16-byte aligned)
// A private heap knows its blocks, since destroying it frees them; the process heap does not.
#include <memoryapi.h>
#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <new>

#include "base/intrusive_list.h"
#include "runtime/lock.h"
#include "win32/last_error.h"

using namespace oriel;
using namespace oriel::win32;

namespace {

struct alignas(16) Block : ListHook<> {
  std::size_t size = 0;
};

struct Heap {
  runtime::Lock lock;
  IntrusiveList<Block> blocks;
};

Heap& process_heap() {
  static Heap& heap = *new Heap;
  return heap;
}

Heap* heap_of(HANDLE handle) {
  return static_cast<Heap*>(handle);
}

Block* block_of(const void* memory) {
  return static_cast<Block*>(const_cast<void*>(memory)) - 1;
}

void link(Heap& heap, Block& block) {
  if (&heap == &process_heap()) return;
  runtime::LockHold hold(heap.lock);
  heap.blocks.push_back(block);
}

void unlink(Heap& heap, Block& block) {
  if (&heap == &process_heap()) return;
  runtime::LockHold hold(heap.lock);
  block.unlink();
}

void* allocate(Heap& heap, bool is_zeroed, std::size_t size) {
  if (size > SIZE_MAX - sizeof(Block)) return nullptr;
  const std::size_t whole = size + sizeof(Block);
  void* raw = is_zeroed ? std::calloc(1, whole) : std::malloc(whole);
  if (raw == nullptr) return nullptr;
  Block* block = new (raw) Block;
  block->size = size;
  link(heap, *block);
  return block + 1;
}

void release(Heap& heap, void* memory) {
  Block* block = block_of(memory);
  unlink(heap, *block);
  block->~Block();
  std::free(block);
}

void* resize(Heap& heap, bool is_zeroed, void* memory, std::size_t size) {
  void* larger = allocate(heap, false, size);
  if (larger == nullptr) return nullptr;
  const std::size_t before = block_of(memory)->size;
  std::memcpy(larger, memory, before < size ? before : size);
  if (is_zeroed && size > before)
    std::memset(static_cast<char*>(larger) + before, 0, size - before);
  release(heap, memory);
  return larger;
}

struct Regions {
  runtime::Lock lock;
  std::map<void*, std::size_t> sizes;  ///< by start: MEM_RELEASE names no size
};

Regions& regions() {
  static Regions& all = *new Regions;
  return all;
}

constexpr std::size_t kPage = 4096;

std::size_t whole_pages(std::size_t size) {
  return (size + kPage - 1) & ~(kPage - 1);
}

int protection_of(DWORD protect) {
  switch (protect & 0xFF) {
    case PAGE_NOACCESS:
      return PROT_NONE;
    case PAGE_READONLY:
      return PROT_READ;
    case PAGE_READWRITE:
      return PROT_READ | PROT_WRITE;
    case PAGE_EXECUTE:
      return PROT_EXEC;
    case PAGE_EXECUTE_READ:
      return PROT_READ | PROT_EXEC;
    case PAGE_EXECUTE_READWRITE:
      return PROT_READ | PROT_WRITE | PROT_EXEC;
    default:
      return -1;
  }
}

}  // namespace

HANDLE GetProcessHeap(VOID) {
  return &process_heap();
}

HANDLE HeapCreate(DWORD, SIZE_T, SIZE_T) {
  Heap* heap = new (std::nothrow) Heap;
  return heap != nullptr ? heap : fail_with<HANDLE>(ERROR_NOT_ENOUGH_MEMORY, nullptr);
}

BOOL HeapDestroy(HANDLE handle) {
  Heap* heap = heap_of(handle);
  if (heap == nullptr || heap == &process_heap()) return fail_with(ERROR_INVALID_HANDLE, FALSE);
  while (!heap->blocks.empty()) release(*heap, &heap->blocks.front() + 1);
  delete heap;
  return TRUE;
}

LPVOID HeapAlloc(HANDLE heap, DWORD flags, SIZE_T size) {
  if (heap == nullptr) return fail_with<LPVOID>(ERROR_INVALID_HANDLE, nullptr);
  void* memory = allocate(*heap_of(heap), (flags & HEAP_ZERO_MEMORY) != 0, size);
  return memory != nullptr ? memory : fail_with<LPVOID>(ERROR_NOT_ENOUGH_MEMORY, nullptr);
}

LPVOID HeapReAlloc(HANDLE heap, DWORD flags, LPVOID memory, SIZE_T size) {
  if (heap == nullptr || memory == nullptr)
    return fail_with<LPVOID>(ERROR_INVALID_PARAMETER, nullptr);
  if ((flags & HEAP_REALLOC_IN_PLACE_ONLY) != 0 && size > block_of(memory)->size) {
    return fail_with<LPVOID>(ERROR_NOT_ENOUGH_MEMORY, nullptr);
  }
  if ((flags & HEAP_REALLOC_IN_PLACE_ONLY) != 0) {
    block_of(memory)->size = size;
    return memory;
  }
  void* moved = resize(*heap_of(heap), (flags & HEAP_ZERO_MEMORY) != 0, memory, size);
  return moved != nullptr ? moved : fail_with<LPVOID>(ERROR_NOT_ENOUGH_MEMORY, nullptr);
}

BOOL HeapFree(HANDLE heap, DWORD, LPVOID memory) {
  if (heap == nullptr) return fail_with(ERROR_INVALID_HANDLE, FALSE);
  if (memory != nullptr) release(*heap_of(heap), memory);
  return TRUE;
}

SIZE_T HeapSize(HANDLE, DWORD, LPCVOID memory) {
  return memory == nullptr ? ~SIZE_T{0} : block_of(memory)->size;
}

BOOL HeapValidate(HANDLE heap, DWORD, LPCVOID) {
  return heap != nullptr ? TRUE : FALSE;
}

BOOL HeapSetInformation(HANDLE, int, PVOID, SIZE_T) {
  return TRUE;
}

HLOCAL LocalAlloc(UINT flags, SIZE_T size) {
  return HeapAlloc(&process_heap(), (flags & LMEM_ZEROINIT) != 0 ? HEAP_ZERO_MEMORY : 0, size);
}

HLOCAL LocalReAlloc(HLOCAL memory, SIZE_T size, UINT flags) {
  return HeapReAlloc(&process_heap(), (flags & LMEM_ZEROINIT) != 0 ? HEAP_ZERO_MEMORY : 0, memory,
                     size);
}

HLOCAL LocalFree(HLOCAL memory) {
  if (memory != nullptr) release(process_heap(), memory);
  return nullptr;
}

SIZE_T LocalSize(HLOCAL memory) {
  if (memory == nullptr) return fail_with(ERROR_INVALID_HANDLE, SIZE_T{0});
  return block_of(memory)->size;
}

HGLOBAL GlobalAlloc(UINT flags, SIZE_T size) {
  return LocalAlloc(flags, size);
}

HGLOBAL GlobalFree(HGLOBAL memory) {
  return LocalFree(memory);
}

LPVOID VirtualAlloc(LPVOID address, SIZE_T size, DWORD type, DWORD protect) {
  const int protection = protection_of(protect);
  const DWORD known = MEM_COMMIT | MEM_RESERVE | MEM_TOP_DOWN | MEM_LARGE_PAGES | MEM_RESET;
  if (size == 0 || protection < 0 || (type & ~known) != 0) {
    return fail_with<LPVOID>(ERROR_INVALID_PARAMETER, nullptr);
  }
  const std::size_t bytes = whole_pages(size);
  if (address != nullptr && (type & MEM_RESERVE) == 0) {  // pages of a region made before
    if (::mprotect(address, bytes, protection) == 0) return address;
    return fail_with<LPVOID>(ERROR_INVALID_ADDRESS, nullptr);
  }
  const bool is_committed = (type & MEM_COMMIT) != 0;
  void* made = ::mmap(address, bytes, is_committed ? protection : PROT_NONE,
                      MAP_PRIVATE | MAP_ANONYMOUS | (is_committed ? 0 : MAP_NORESERVE), -1, 0);
  if (made == MAP_FAILED) return fail_with<LPVOID>(ERROR_NOT_ENOUGH_MEMORY, nullptr);
  runtime::LockHold hold(regions().lock);
  regions().sizes[made] = bytes;
  return made;
}

BOOL VirtualFree(LPVOID address, SIZE_T size, DWORD type) {
  if (type == MEM_DECOMMIT) {
    if (::madvise(address, whole_pages(size), MADV_DONTNEED) != 0 ||
        ::mprotect(address, whole_pages(size), PROT_NONE) != 0) {
      return fail_with(ERROR_INVALID_ADDRESS, FALSE);
    }
    return TRUE;
  }
  if (type != MEM_RELEASE || size != 0) return fail_with(ERROR_INVALID_PARAMETER, FALSE);
  std::size_t bytes = 0;
  {
    runtime::LockHold hold(regions().lock);
    const auto found = regions().sizes.find(address);
    if (found == regions().sizes.end()) return fail_with(ERROR_INVALID_ADDRESS, FALSE);
    bytes = found->second;
    regions().sizes.erase(found);
  }
  ::munmap(address, bytes);
  return TRUE;
}

// The old protection is not kept: what is told is what most regions have.
BOOL VirtualProtect(LPVOID address, SIZE_T size, DWORD protect, PDWORD old) {
  const int protection = protection_of(protect);
  if (old == nullptr || protection < 0) return fail_with(ERROR_INVALID_PARAMETER, FALSE);
  const auto first = reinterpret_cast<std::uintptr_t>(address) & ~(kPage - 1);
  const std::size_t bytes = whole_pages(reinterpret_cast<std::uintptr_t>(address) + size - first);
  if (::mprotect(reinterpret_cast<void*>(first), bytes, protection) != 0) {
    return fail_with(ERROR_INVALID_ADDRESS, FALSE);
  }
  *old = PAGE_READWRITE;
  return TRUE;
}

BOOL VirtualLock(LPVOID address, SIZE_T size) {
  return ::mlock(address, size) == 0 ? TRUE : fail_with(ERROR_WORKING_SET_QUOTA, FALSE);
}

BOOL VirtualUnlock(LPVOID address, SIZE_T size) {
  return ::munlock(address, size) == 0 ? TRUE : fail_with(ERROR_NOT_LOCKED, FALSE);
}
