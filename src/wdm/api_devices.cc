// Devices as memory: drivers with sockets make one to hang work items on. No file opens them.
#include <wdm.h>

#include <cstdlib>
#include <cstring>

#include "wdm/irql.h"

using namespace oriel::wdm;

NTSTATUS NTAPI IoCreateDevice(PDRIVER_OBJECT driver, ULONG extension_size, PUNICODE_STRING,
                              ULONG type, ULONG characteristics, BOOLEAN, PDEVICE_OBJECT* device) {
  check_irql("IoCreateDevice", APC_LEVEL);
  const std::size_t size = sizeof(DEVICE_OBJECT) + extension_size;
  auto* made = static_cast<PDEVICE_OBJECT>(std::calloc(1, size));
  if (made == nullptr) return STATUS_INSUFFICIENT_RESOURCES;
  made->Type = IO_TYPE_DEVICE;
  made->Size = static_cast<USHORT>(size);
  made->DriverObject = driver;
  made->NextDevice = driver->DeviceObject;
  made->Flags = DO_DEVICE_INITIALIZING;
  made->Characteristics = characteristics;
  made->DeviceExtension = extension_size == 0 ? nullptr : made + 1;
  made->DeviceType = type;
  made->StackSize = 1;
  driver->DeviceObject = made;
  *device = made;
  return STATUS_SUCCESS;
}

VOID NTAPI IoDeleteDevice(PDEVICE_OBJECT device) {
  PDEVICE_OBJECT* place = &device->DriverObject->DeviceObject;
  while (*place != nullptr && *place != device) place = &(*place)->NextDevice;
  if (*place != nullptr) *place = device->NextDevice;
  std::free(device);
}

NTSTATUS NTAPI IoCreateSymbolicLink(PUNICODE_STRING, PUNICODE_STRING) {
  return STATUS_SUCCESS;
}

NTSTATUS NTAPI IoDeleteSymbolicLink(PUNICODE_STRING) {
  return STATUS_SUCCESS;
}
