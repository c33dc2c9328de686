// Memory of kernel code: the pools and the MDL. Part of wdm.h.
//
// All memory is one kind here: an MDL's pages are the buffer itself, so that every address of it is
// the system's address. What drivers must do all the same (build or lock before use, give the pool
// back once, under its tag) is checked where checks are on.
#ifndef ORIEL_WIN_KERNEL_MEMORY_H
#define ORIEL_WIN_KERNEL_MEMORY_H

#include <ntdef.h>

typedef enum _POOL_TYPE {
  NonPagedPool = 0,
  NonPagedPoolExecute = 0,
  PagedPool = 1,
  NonPagedPoolCacheAligned = 4,
  PagedPoolCacheAligned = 5,
  NonPagedPoolNx = 512,
  NonPagedPoolNxCacheAligned = 516
} POOL_TYPE;
typedef ULONG64 POOL_FLAGS;
#define POOL_FLAG_UNINITIALIZED 0x0000000000000002ull
#define POOL_FLAG_CACHE_ALIGNED 0x0000000000000008ull
#define POOL_FLAG_RAISE_ON_FAILURE 0x0000000000000020ull
#define POOL_FLAG_NON_PAGED 0x0000000000000040ull
#define POOL_FLAG_NON_PAGED_EXECUTE 0x0000000000000080ull
#define POOL_FLAG_PAGED 0x0000000000000100ull
#define POOL_NX_OPTIN_NOT_SUPPORTED 1

#define PAGE_SIZE 0x1000
#define PAGE_SHIFT 12
#define PAGE_ALIGN(address) ((PVOID)((ULONG_PTR)(address) & ~(ULONG_PTR)(PAGE_SIZE - 1)))
#define BYTE_OFFSET(address) ((ULONG)((ULONG_PTR)(address) & (PAGE_SIZE - 1)))
#define ROUND_TO_PAGES(n) (((ULONG_PTR)(n) + PAGE_SIZE - 1) & ~(ULONG_PTR)(PAGE_SIZE - 1))
#define MEMORY_ALLOCATION_ALIGNMENT 16
#define ADDRESS_AND_SIZE_TO_SPAN_PAGES(address, n) \
  ((ULONG)((BYTE_OFFSET(address) + (SIZE_T)(n) + PAGE_SIZE - 1) >> PAGE_SHIFT))

typedef struct _MDL {
  struct _MDL* Next;
  CSHORT Size;
  CSHORT MdlFlags;
  struct _EPROCESS* Process;
  PVOID MappedSystemVa;
  PVOID StartVa;  // of the page in which the buffer begins
  ULONG ByteCount;
  ULONG ByteOffset;
} MDL, *PMDL;
#define MDL_MAPPED_TO_SYSTEM_VA 0x0001
#define MDL_PAGES_LOCKED 0x0002
#define MDL_SOURCE_IS_NONPAGED_POOL 0x0004
#define MDL_ALLOCATED_FIXED_SIZE 0x0008
#define MDL_PARTIAL 0x0010
#define MDL_MAPPING_CAN_FAIL 0x2000

typedef enum _LOCK_OPERATION { IoReadAccess, IoWriteAccess, IoModifyAccess } LOCK_OPERATION;
typedef enum _MM_PAGE_PRIORITY {
  LowPagePriority,
  NormalPagePriority = 16,
  HighPagePriority = 32
} MM_PAGE_PRIORITY;
#define MdlMappingNoWrite 0x80000000
#define MdlMappingNoExecute 0x40000000
typedef enum _MEMORY_CACHING_TYPE { MmNonCached, MmCached, MmWriteCombined } MEMORY_CACHING_TYPE;

#define MmGetMdlByteCount(mdl) ((mdl)->ByteCount)
#define MmGetMdlByteOffset(mdl) ((mdl)->ByteOffset)
#define MmGetMdlBaseVa(mdl) ((mdl)->StartVa)
#define MmGetMdlVirtualAddress(mdl) ((PVOID)((PCHAR)(mdl)->StartVa + (mdl)->ByteOffset))
#define MmInitializeMdl(mdl, address, n)                                                      \
  ((mdl)->Next = NULL, (mdl)->Size = (CSHORT)sizeof(MDL), (mdl)->MdlFlags = 0,                \
   (mdl)->Process = NULL, (mdl)->MappedSystemVa = NULL, (mdl)->StartVa = PAGE_ALIGN(address), \
   (mdl)->ByteOffset = BYTE_OFFSET(address), (mdl)->ByteCount = (ULONG)(n))
#define MmPrepareMdlForReuse(mdl) \
  ((mdl)->MdlFlags &= (CSHORT) ~(MDL_MAPPED_TO_SYSTEM_VA | MDL_PARTIAL))

ORIEL_WIN_BEGIN
PVOID NTAPI ExAllocatePoolWithTag(POOL_TYPE type, SIZE_T n, ULONG tag)
    ORIEL_WIN(ExAllocatePoolWithTag);
PVOID NTAPI ExAllocatePool(POOL_TYPE type, SIZE_T n) ORIEL_WIN(ExAllocatePool);
PVOID NTAPI ExAllocatePoolZero(POOL_TYPE type, SIZE_T n, ULONG tag) ORIEL_WIN(ExAllocatePoolZero);
PVOID NTAPI ExAllocatePool2(POOL_FLAGS flags, SIZE_T n, ULONG tag) ORIEL_WIN(ExAllocatePool2);
VOID NTAPI ExFreePoolWithTag(PVOID memory, ULONG tag) ORIEL_WIN(ExFreePoolWithTag);
VOID NTAPI ExFreePool(PVOID memory) ORIEL_WIN(ExFreePool);

SIZE_T NTAPI MmSizeOfMdl(PVOID address, SIZE_T n) ORIEL_WIN(MmSizeOfMdl);
VOID NTAPI MmBuildMdlForNonPagedPool(PMDL mdl) ORIEL_WIN(MmBuildMdlForNonPagedPool);
VOID NTAPI MmProbeAndLockPages(PMDL mdl, KPROCESSOR_MODE mode, LOCK_OPERATION operation)
    ORIEL_WIN(MmProbeAndLockPages);
VOID NTAPI MmUnlockPages(PMDL mdl) ORIEL_WIN(MmUnlockPages);
PVOID NTAPI MmMapLockedPagesSpecifyCache(PMDL mdl, KPROCESSOR_MODE mode, MEMORY_CACHING_TYPE type,
                                         PVOID wanted, ULONG is_fatal, ULONG priority)
    ORIEL_WIN(MmMapLockedPagesSpecifyCache);
VOID NTAPI MmUnmapLockedPages(PVOID address, PMDL mdl) ORIEL_WIN(MmUnmapLockedPages);
ORIEL_WIN_END

#define ExAllocatePoolUninitialized ExAllocatePoolWithTag
ORIEL_WIN_INLINE PVOID MmGetSystemAddressForMdlSafe(PMDL mdl, ULONG priority) {
  if (mdl->MdlFlags & (MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL)) {
    return mdl->MappedSystemVa;
  }
  return MmMapLockedPagesSpecifyCache(mdl, 0, MmCached, NULL, FALSE, priority);
}

#endif
