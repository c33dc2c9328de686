// A driver's parameters in the registry: RtlQueryRegistryValues. Part of wdm.h.
//
// There is no registry of the system's. What `oriel wsk-run --parameter NAME=VALUE` gives lies
// under the driver's registry path, in Parameters: a decimal number as REG_DWORD, all else as
// REG_SZ. Values and layout: Windows SDK, wdm.h.
#ifndef ORIEL_WIN_KERNEL_REGISTRY_H
#define ORIEL_WIN_KERNEL_REGISTRY_H

#include <ntdef.h>

#define REG_NONE 0
#define REG_SZ 1
#define REG_BINARY 3
#define REG_DWORD 4
#define RTL_REGISTRY_ABSOLUTE 0
#define RTL_REGISTRY_SERVICES 1
#define RTL_REGISTRY_OPTIONAL 0x80000000
#define RTL_QUERY_REGISTRY_SUBKEY 0x00000001
#define RTL_QUERY_REGISTRY_TOPKEY 0x00000002
#define RTL_QUERY_REGISTRY_REQUIRED 0x00000004
#define RTL_QUERY_REGISTRY_NOVALUE 0x00000008
#define RTL_QUERY_REGISTRY_NOEXPAND 0x00000010
#define RTL_QUERY_REGISTRY_DIRECT 0x00000020
#define RTL_QUERY_REGISTRY_TYPECHECK 0x00000100
#define RTL_QUERY_REGISTRY_TYPECHECK_SHIFT 24

typedef NTSTATUS NTAPI RTL_QUERY_REGISTRY_ROUTINE(PWSTR name, ULONG type, PVOID data, ULONG bytes,
                                                  PVOID context, PVOID entry_context);
typedef RTL_QUERY_REGISTRY_ROUTINE* PRTL_QUERY_REGISTRY_ROUTINE;
typedef struct _RTL_QUERY_REGISTRY_TABLE {
  PRTL_QUERY_REGISTRY_ROUTINE QueryRoutine;
  ULONG Flags;
  PWSTR Name;
  PVOID EntryContext;
  ULONG DefaultType;
  PVOID DefaultData;
  ULONG DefaultLength;
} RTL_QUERY_REGISTRY_TABLE, *PRTL_QUERY_REGISTRY_TABLE;

ORIEL_WIN_BEGIN
NTSTATUS NTAPI RtlQueryRegistryValues(ULONG relative_to, PCWSTR path,
                                      PRTL_QUERY_REGISTRY_TABLE table, PVOID context,
                                      PVOID environment) ORIEL_WIN(RtlQueryRegistryValues);
ORIEL_WIN_END

#endif
