// Memory descriptor lists. A buffer's own address is the system's address of it. REQ WSK-2
#include <wdm.h>

#include <cstdlib>

#include "wdm/irql.h"

using namespace oriel::wdm;

namespace {

constexpr CSHORT kUsable = MDL_MAPPED_TO_SYSTEM_VA | MDL_PAGES_LOCKED | MDL_SOURCE_IS_NONPAGED_POOL;

void add_flags(PMDL mdl, int flags) {
  mdl->MdlFlags = static_cast<CSHORT>(mdl->MdlFlags | flags);
}

void remove_flags(PMDL mdl, int flags) {
  mdl->MdlFlags = static_cast<CSHORT>(mdl->MdlFlags & ~flags);
}

}  // namespace

PMDL NTAPI IoAllocateMdl(PVOID address, ULONG n, BOOLEAN is_secondary, BOOLEAN, PIRP irp) {
  auto* mdl = static_cast<PMDL>(std::malloc(sizeof(MDL)));
  if (mdl == nullptr) return nullptr;
  MmInitializeMdl(mdl, address, n);
  if (irp == nullptr) return mdl;
  if (!is_secondary || irp->MdlAddress == nullptr) {
    irp->MdlAddress = mdl;
    return mdl;
  }
  PMDL last = irp->MdlAddress;
  while (last->Next != nullptr) last = last->Next;
  last->Next = mdl;
  return mdl;
}

VOID NTAPI IoFreeMdl(PMDL mdl) {
  std::free(mdl);
}

VOID NTAPI IoBuildPartialMdl(PMDL source, PMDL target, PVOID address, ULONG n) {
  auto* const begin = static_cast<PCHAR>(MmGetMdlVirtualAddress(source));
  const auto skipped = static_cast<ULONG>(static_cast<PCHAR>(address) - begin);
  check(skipped + n <= source->ByteCount, "IoBuildPartialMdl",
        "the part reaches beyond its source");
  if (n == 0) n = source->ByteCount - skipped;
  PMDL const next = target->Next;
  MmInitializeMdl(target, address, n);
  target->Next = next;
  target->Process = source->Process;
  add_flags(target, MDL_PARTIAL | (source->MdlFlags & kUsable));
  target->MappedSystemVa = address;
}

SIZE_T NTAPI MmSizeOfMdl(PVOID address, SIZE_T n) {
  return sizeof(MDL) + ADDRESS_AND_SIZE_TO_SPAN_PAGES(address, n) * sizeof(ULONG_PTR);
}

VOID NTAPI MmBuildMdlForNonPagedPool(PMDL mdl) {
  mdl->MappedSystemVa = MmGetMdlVirtualAddress(mdl);
  add_flags(mdl, MDL_SOURCE_IS_NONPAGED_POOL);
}

VOID NTAPI MmProbeAndLockPages(PMDL mdl, KPROCESSOR_MODE, LOCK_OPERATION) {
  add_flags(mdl, MDL_PAGES_LOCKED);
}

VOID NTAPI MmUnlockPages(PMDL mdl) {
  remove_flags(mdl, MDL_PAGES_LOCKED | MDL_MAPPED_TO_SYSTEM_VA);
}

PVOID NTAPI MmMapLockedPagesSpecifyCache(PMDL mdl, KPROCESSOR_MODE, MEMORY_CACHING_TYPE, PVOID,
                                         ULONG, ULONG) {
  check((mdl->MdlFlags & kUsable) != 0, "MmGetSystemAddressForMdlSafe",
        "neither MmBuildMdlForNonPagedPool nor MmProbeAndLockPages was called for this MDL");
  mdl->MappedSystemVa = MmGetMdlVirtualAddress(mdl);
  add_flags(mdl, MDL_MAPPED_TO_SYSTEM_VA);
  return mdl->MappedSystemVa;
}

VOID NTAPI MmUnmapLockedPages(PVOID, PMDL mdl) {
  remove_flags(mdl, MDL_MAPPED_TO_SYSTEM_VA);
}
