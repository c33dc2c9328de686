// Pool blocks and MDLs.
#include <gtest/gtest.h>
#include <wdm.h>

#include <cstring>
#include <numeric>
#include <vector>

#include "support/req.h"
#include "wdm/checks.h"
#include "wdm/pool.h"

namespace oriel::wdm {
namespace {

constexpr ULONG kMemoryTag = 0x74736574;

TEST(Pool, BlocksAreAlignedCountedAndGivenBack) {
  const PoolUse before = pool_use();
  PVOID plain = ExAllocatePoolWithTag(NonPagedPool, 100, kMemoryTag);
  auto* zeroed = static_cast<unsigned char*>(ExAllocatePool2(POOL_FLAG_NON_PAGED, 50, kMemoryTag));
  PVOID older = ExAllocatePoolZero(NonPagedPoolNx, 10, kMemoryTag);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(plain) % 16, 0u);
  EXPECT_EQ(std::accumulate(zeroed, zeroed + 50, 0), 0);
  EXPECT_EQ(pool_use().blocks - before.blocks, 3u);
  EXPECT_EQ(pool_use().bytes - before.bytes, 160u);
  ExFreePoolWithTag(plain, kMemoryTag);
  ExFreePool(zeroed);
  ExFreePoolWithTag(older, 0);
  EXPECT_EQ(pool_use().blocks, before.blocks);
  EXPECT_EQ(pool_use().bytes, before.bytes);
  EXPECT_EQ(ExAllocatePoolWithTag(NonPagedPool, ~SIZE_T{0}, kMemoryTag), nullptr);
}

TEST(Pool, MisuseIsSaidWhereChecksAreOn) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  if (!are_checks_on()) GTEST_SKIP() << "checks are off";
  PVOID block = ExAllocatePoolWithTag(NonPagedPool, 8, kMemoryTag);
  EXPECT_DEATH(ExFreePoolWithTag(block, kMemoryTag + 1), "the tag is not the one");
  EXPECT_DEATH(ExFreePool(nullptr), "ExFreePool: a null pointer");
  char memory[64] = {};
  EXPECT_DEATH(ExFreePool(memory + 32), "no block of the pools");
  ExFreePool(block);
}

TEST(Mdl, DescribesItsBufferWhereverThatBegins) {
  REQ("WSK-2");
  std::vector<char> buffer(3 * PAGE_SIZE);
  for (const std::size_t offset : {0, 1, 100, PAGE_SIZE - 1, PAGE_SIZE}) {
    char* begin = buffer.data() + offset;
    PMDL mdl = IoAllocateMdl(begin, 5000, FALSE, FALSE, nullptr);
    EXPECT_EQ(MmGetMdlByteCount(mdl), 5000u);
    EXPECT_EQ(MmGetMdlVirtualAddress(mdl), begin);
    EXPECT_LT(MmGetMdlByteOffset(mdl), unsigned{PAGE_SIZE});
    EXPECT_EQ(mdl->Next, nullptr);
    MmBuildMdlForNonPagedPool(mdl);
    EXPECT_EQ(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority), begin);
    IoFreeMdl(mdl);
  }
}

TEST(Mdl, LockedPagesAreMappedWhenAsked) {
  char buffer[32];
  PMDL mdl = IoAllocateMdl(buffer, sizeof buffer, FALSE, FALSE, nullptr);
  MmProbeAndLockPages(mdl, KernelMode, IoModifyAccess);
  EXPECT_EQ(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority | MdlMappingNoExecute), buffer);
  EXPECT_NE(mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA, 0);
  MmUnlockPages(mdl);
  EXPECT_EQ(mdl->MdlFlags & (MDL_PAGES_LOCKED | MDL_MAPPED_TO_SYSTEM_VA), 0);
  IoFreeMdl(mdl);
}

TEST(Mdl, ChainsAndPartsOfOne) {
  char buffer[100];
  PIRP irp = IoAllocateIrp(1, FALSE);
  PMDL first = IoAllocateMdl(buffer, 60, FALSE, FALSE, irp);
  PMDL second = IoAllocateMdl(buffer + 60, 40, TRUE, FALSE, irp);
  EXPECT_EQ(irp->MdlAddress, first);
  EXPECT_EQ(first->Next, second);
  MmBuildMdlForNonPagedPool(second);
  PMDL part = IoAllocateMdl(buffer + 70, 30, FALSE, FALSE, nullptr);
  IoBuildPartialMdl(second, part, buffer + 70, 20);
  EXPECT_EQ(MmGetSystemAddressForMdlSafe(part, NormalPagePriority), buffer + 70);
  EXPECT_EQ(MmGetMdlByteCount(part), 20u);
  IoBuildPartialMdl(second, part, buffer + 70, 0);
  EXPECT_EQ(MmGetMdlByteCount(part), 30u) << "zero: the rest of the source";
  IoFreeMdl(part);
  IoFreeMdl(second);
  IoFreeMdl(first);
  IoFreeIrp(irp);
}

TEST(Mdl, OneThatWasNeverBuiltIsSaidWhereChecksAreOn) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  if (!are_checks_on()) GTEST_SKIP() << "checks are off";
  char buffer[8];
  PMDL mdl = IoAllocateMdl(buffer, sizeof buffer, FALSE, FALSE, nullptr);
  EXPECT_DEATH(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority),
               "neither MmBuildMdlForNonPagedPool");
  IoFreeMdl(mdl);
}

}  // namespace
}  // namespace oriel::wdm
