// WSK calls that wait: an IRP and an event for each, as drivers write it at PASSIVE_LEVEL.
//
//   SYNC_CALL call;
//   SyncBegin(&call);
//   status = SyncEnd(&call, dispatch->WskBind(socket, address, 0, call.irp));
#pragma once

#include <ntddk.h>
#include <wsk.h>

typedef struct _SYNC_CALL {
  PIRP irp;
  KEVENT done;
  ULONG_PTR information;  // of the IRP, once it has ended
} SYNC_CALL, *PSYNC_CALL;

static NTSTATUS NTAPI SyncCompleted(PDEVICE_OBJECT device, PIRP irp, PVOID context) {
  UNREFERENCED_PARAMETER(device);
  UNREFERENCED_PARAMETER(irp);
  KeSetEvent((PKEVENT)context, IO_NO_INCREMENT, FALSE);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS SyncBegin(PSYNC_CALL call) {
  KeInitializeEvent(&call->done, SynchronizationEvent, FALSE);
  call->information = 0;
  call->irp = IoAllocateIrp(1, FALSE);
  if (call->irp == NULL) return STATUS_INSUFFICIENT_RESOURCES;
  IoSetCompletionRoutine(call->irp, SyncCompleted, &call->done, TRUE, TRUE, TRUE);
  return STATUS_SUCCESS;
}

// The IRP is completed whatever the call returned, so its status is the one that counts.
static NTSTATUS SyncEnd(PSYNC_CALL call, NTSTATUS returned) {
  NTSTATUS status;
  UNREFERENCED_PARAMETER(returned);
  KeWaitForSingleObject(&call->done, Executive, KernelMode, FALSE, NULL);
  status = call->irp->IoStatus.Status;
  call->information = call->irp->IoStatus.Information;
  IoFreeIrp(call->irp);
  return status;
}

static NTSTATUS SyncClose(PWSK_SOCKET socket) {
  SYNC_CALL call;
  NTSTATUS status = SyncBegin(&call);
  if (!NT_SUCCESS(status)) return status;
  return SyncEnd(
      &call, ((PWSK_PROVIDER_BASIC_DISPATCH)socket->Dispatch)->WskCloseSocket(socket, call.irp));
}

static NTSTATUS SyncControl(PWSK_SOCKET socket, WSK_CONTROL_SOCKET_TYPE type, ULONG code,
                            ULONG level, SIZE_T size, PVOID input) {
  SYNC_CALL call;
  NTSTATUS status = SyncBegin(&call);
  if (!NT_SUCCESS(status)) return status;
  return SyncEnd(&call, ((PWSK_PROVIDER_BASIC_DISPATCH)socket->Dispatch)
                            ->WskControlSocket(socket, type, code, level, size, input, 0, NULL,
                                               NULL, call.irp));
}
