// The pools: malloc with 16 bytes in front.
//
//   | bytes (64) | tag (32) | mark (32) | the driver's memory, aligned for 16 bytes
//
// A kernel-mode program cannot go on without knowing who wrote over whose memory; the mark finds a
// block that was freed twice, or never allocated here.
#include "wdm/pool.h"

#include <wdm.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "wdm/irql.h"

namespace oriel::wdm {
namespace {

struct Header {
  std::uint64_t bytes;
  ULONG tag;
  std::uint32_t mark;
};
static_assert(sizeof(Header) == 16);
constexpr std::uint32_t kUsed = 0x6c6f6f70;
constexpr std::uint32_t kFreed = 0x65657266;
constexpr SIZE_T kBytesMax = SIZE_T{1} << 40;

std::atomic<std::size_t> blocks_out{0};
std::atomic<std::size_t> bytes_out{0};

PVOID allocate(bool is_paged, SIZE_T n, ULONG tag, bool is_zeroed, const char* call) {
  if (is_paged) check_irql(call, APC_LEVEL);
  check(n != 0, call, "zero bytes wanted");
  if (n > kBytesMax) return nullptr;
  auto* header = static_cast<Header*>(std::malloc(sizeof(Header) + n));
  if (header == nullptr) return nullptr;
  *header = {n, tag, kUsed};
  if (is_zeroed) std::memset(header + 1, 0, n);
  blocks_out.fetch_add(1, std::memory_order_relaxed);
  bytes_out.fetch_add(n, std::memory_order_relaxed);
  return header + 1;
}

void release(PVOID memory, const ULONG* tag, const char* call) {
  check(memory != nullptr, call, "a null pointer");
  if (memory == nullptr) return;
  auto* header = static_cast<Header*>(memory) - 1;
  check(header->mark != kFreed, call, "this block was freed before");
  check(header->mark == kUsed, call, "this is no block of the pools");
  check(tag == nullptr || *tag == 0 || header->tag == *tag, call,
        "the tag is not the one that the block was allocated with");
  blocks_out.fetch_sub(1, std::memory_order_relaxed);
  bytes_out.fetch_sub(header->bytes, std::memory_order_relaxed);
  header->mark = kFreed;
  std::free(header);
}

bool is_paged(POOL_TYPE type) {
  return (static_cast<unsigned>(type) & PagedPool) != 0;
}

}  // namespace

PoolUse pool_use() {
  return {blocks_out.load(std::memory_order_relaxed), bytes_out.load(std::memory_order_relaxed)};
}

}  // namespace oriel::wdm

using namespace oriel::wdm;

PVOID NTAPI ExAllocatePoolWithTag(POOL_TYPE type, SIZE_T n, ULONG tag) {
  return allocate(is_paged(type), n, tag, false, "ExAllocatePoolWithTag");
}

PVOID NTAPI ExAllocatePool(POOL_TYPE type, SIZE_T n) {
  constexpr ULONG kNone = 0x656e6f4e;  // "None", as on Windows
  return allocate(is_paged(type), n, kNone, false, "ExAllocatePool");
}

PVOID NTAPI ExAllocatePoolZero(POOL_TYPE type, SIZE_T n, ULONG tag) {
  return allocate(is_paged(type), n, tag, true, "ExAllocatePoolZero");
}

PVOID NTAPI ExAllocatePool2(POOL_FLAGS flags, SIZE_T n, ULONG tag) {
  const bool is_zeroed = (flags & POOL_FLAG_UNINITIALIZED) == 0;
  return allocate((flags & POOL_FLAG_PAGED) != 0, n, tag, is_zeroed, "ExAllocatePool2");
}

VOID NTAPI ExFreePoolWithTag(PVOID memory, ULONG tag) {
  release(memory, &tag, "ExFreePoolWithTag");
}

VOID NTAPI ExFreePool(PVOID memory) {
  release(memory, nullptr, "ExFreePool");
}
