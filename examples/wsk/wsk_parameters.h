// A number of the driver's registry key, Parameters below it; `usual` where it is not there.
#pragma once

#include <ntddk.h>

static ULONG ReadParameter(PUNICODE_STRING registry, PCWSTR name, ULONG usual) {
  RTL_QUERY_REGISTRY_TABLE table[3];
  ULONG value = usual;
  RtlZeroMemory(table, sizeof(table));
  table[0].Flags = RTL_QUERY_REGISTRY_SUBKEY;
  table[0].Name = (PWSTR)L"Parameters";
  table[1].Flags = RTL_QUERY_REGISTRY_DIRECT | RTL_QUERY_REGISTRY_TYPECHECK;
  table[1].Name = (PWSTR)name;
  table[1].EntryContext = &value;
  table[1].DefaultType = (REG_DWORD << RTL_QUERY_REGISTRY_TYPECHECK_SHIFT) | REG_NONE;
  if (!NT_SUCCESS(
          RtlQueryRegistryValues(RTL_REGISTRY_ABSOLUTE, registry->Buffer, table, NULL, NULL))) {
    return usual;
  }
  return value;
}
