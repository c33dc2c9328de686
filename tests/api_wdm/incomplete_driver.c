// A driver that needs a call that nobody has.
#include <ntddk.h>

VOID NTAPI KeCallThatNobodyHas(VOID);

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING registry) {
  UNREFERENCED_PARAMETER(driver);
  UNREFERENCED_PARAMETER(registry);
  KeCallThatNobodyHas();
  return STATUS_SUCCESS;
}
