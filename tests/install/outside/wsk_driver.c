// A driver with a WSK client, in C, from installed files only: it registers, takes the provider's
// table, makes a socket and closes it, and says so.
#include <ntddk.h>
#include <wsk.h>

static WSK_REGISTRATION registration;
static const WSK_CLIENT_DISPATCH dispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;

static NTSTATUS NTAPI Completed(PDEVICE_OBJECT device, PIRP irp, PVOID context) {
  UNREFERENCED_PARAMETER(device);
  UNREFERENCED_PARAMETER(irp);
  KeSetEvent((PKEVENT)context, IO_NO_INCREMENT, FALSE);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS MakeAndClose(PWSK_PROVIDER_NPI provider) {
  NTSTATUS status;
  KEVENT done;
  PIRP irp = IoAllocateIrp(1, FALSE);
  if (irp == NULL) return STATUS_INSUFFICIENT_RESOURCES;
  KeInitializeEvent(&done, SynchronizationEvent, FALSE);
  IoSetCompletionRoutine(irp, Completed, &done, TRUE, TRUE, TRUE);
  provider->Dispatch->WskSocket(provider->Client, AF_INET, SOCK_STREAM, IPPROTO_TCP,
                                WSK_FLAG_CONNECTION_SOCKET, NULL, NULL, NULL, NULL, NULL, irp);
  KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, NULL);
  status = irp->IoStatus.Status;
  if (NT_SUCCESS(status)) {
    PWSK_SOCKET socket = (PWSK_SOCKET)irp->IoStatus.Information;
    IoReuseIrp(irp, STATUS_UNSUCCESSFUL);
    IoSetCompletionRoutine(irp, Completed, &done, TRUE, TRUE, TRUE);
    ((PWSK_PROVIDER_BASIC_DISPATCH)socket->Dispatch)->WskCloseSocket(socket, irp);
    KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, NULL);
    status = irp->IoStatus.Status;
  }
  IoFreeIrp(irp);
  return status;
}

static VOID NTAPI Unload(PDRIVER_OBJECT driver) {
  UNREFERENCED_PARAMETER(driver);
  PAGED_CODE();
  WskDeregister(&registration);
  DbgPrint("outside: unloaded\n");
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING registry) {
  WSK_CLIENT_NPI client = {NULL, &dispatch};
  WSK_PROVIDER_NPI provider;
  NTSTATUS status = WskRegister(&client, &registration);
  if (!NT_SUCCESS(status)) return status;
  status = WskCaptureProviderNPI(&registration, WSK_INFINITE_WAIT, &provider);
  if (NT_SUCCESS(status)) {
    status = MakeAndClose(&provider);
    WskReleaseProviderNPI(&registration);
  }
  DbgPrint("outside: %wZ: 0x%08lX\n", registry, status);
  if (!NT_SUCCESS(status)) {
    WskDeregister(&registration);
    return status;
  }
  driver->DriverUnload = Unload;
  return STATUS_SUCCESS;
}
