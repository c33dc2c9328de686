// A driver that does what its parameter Mode says: 1 fails to start, 2 leaves pool behind, 3 waits at
// DISPATCH_LEVEL, 4 has no DriverUnload; 0 behaves.
#include <ntddk.h>

#define MODE_TAG 0x65646f4d

static ULONG mode;

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;

static VOID NTAPI Unload(PDRIVER_OBJECT driver) {
  UNREFERENCED_PARAMETER(driver);
  if (mode == 2) (void)ExAllocatePool2(POOL_FLAG_NON_PAGED, 100, MODE_TAG);
  if (mode == 3) {
    KEVENT event;
    KIRQL before;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    KeRaiseIrql(DISPATCH_LEVEL, &before);
    KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
  }
  DbgPrint("unloaded\n");
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING registry) {
  RTL_QUERY_REGISTRY_TABLE table[3];
  RtlZeroMemory(table, sizeof(table));
  table[0].Flags = RTL_QUERY_REGISTRY_SUBKEY;
  table[0].Name = (PWSTR)L"Parameters";
  table[1].Flags = RTL_QUERY_REGISTRY_DIRECT;
  table[1].Name = (PWSTR)L"Mode";
  table[1].EntryContext = &mode;
  RtlQueryRegistryValues(RTL_REGISTRY_ABSOLUTE, registry->Buffer, table, NULL, NULL);
  if (mode == 1) return STATUS_DEVICE_NOT_READY;
  if (mode != 4) driver->DriverUnload = Unload;
  return STATUS_SUCCESS;
}
