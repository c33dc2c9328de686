// I/O request packets and the objects around them: IRP, stack locations, devices, drivers, work
// items. Part of wdm.h. Layouts: Windows SDK, wdm.h, as of Win64.
//
//   IRP | stack location 1 | 2 | ... | StackCount     Current starts behind the last; a call to the
//                                                     next lower driver steps it down by one, and
//                                                     the caller's completion routine lies there.
#ifndef ORIEL_WIN_IRP_H
#define ORIEL_WIN_IRP_H

#include <oriel_win_kernel_memory.h>
#include <oriel_win_kernel_waits.h>

struct _DEVICE_OBJECT;
struct _DRIVER_OBJECT;
struct _FILE_OBJECT;
struct _IRP;
typedef struct _FILE_OBJECT* PFILE_OBJECT;

typedef struct _IO_STATUS_BLOCK {
  __extension__ union {
    NTSTATUS Status;
    PVOID Pointer;
  };
  ULONG_PTR Information;
} IO_STATUS_BLOCK, *PIO_STATUS_BLOCK;

typedef NTSTATUS NTAPI IO_COMPLETION_ROUTINE(struct _DEVICE_OBJECT* device, struct _IRP* irp,
                                             PVOID context);
typedef IO_COMPLETION_ROUTINE* PIO_COMPLETION_ROUTINE;
typedef NTSTATUS NTAPI DRIVER_DISPATCH(struct _DEVICE_OBJECT* device, struct _IRP* irp);
typedef DRIVER_DISPATCH* PDRIVER_DISPATCH;
typedef VOID NTAPI DRIVER_CANCEL(struct _DEVICE_OBJECT* device, struct _IRP* irp);
typedef DRIVER_CANCEL* PDRIVER_CANCEL;
typedef VOID NTAPI DRIVER_UNLOAD(struct _DRIVER_OBJECT* driver);
typedef DRIVER_UNLOAD* PDRIVER_UNLOAD;
typedef NTSTATUS NTAPI DRIVER_INITIALIZE(struct _DRIVER_OBJECT* driver, PUNICODE_STRING registry);
typedef DRIVER_INITIALIZE* PDRIVER_INITIALIZE;
typedef NTSTATUS NTAPI DRIVER_ADD_DEVICE(struct _DRIVER_OBJECT* driver,
                                         struct _DEVICE_OBJECT* device);
typedef DRIVER_ADD_DEVICE* PDRIVER_ADD_DEVICE;
typedef VOID NTAPI DRIVER_STARTIO(struct _DEVICE_OBJECT* device, struct _IRP* irp);
typedef DRIVER_STARTIO* PDRIVER_STARTIO;

#define SL_PENDING_RETURNED 0x01
#define SL_ERROR_RETURNED 0x02
#define SL_INVOKE_ON_CANCEL 0x20
#define SL_INVOKE_ON_SUCCESS 0x40
#define SL_INVOKE_ON_ERROR 0x80

#define IRP_MJ_CREATE 0x00
#define IRP_MJ_CLOSE 0x02
#define IRP_MJ_READ 0x03
#define IRP_MJ_WRITE 0x04
#define IRP_MJ_DEVICE_CONTROL 0x0e
#define IRP_MJ_INTERNAL_DEVICE_CONTROL 0x0f
#define IRP_MJ_SHUTDOWN 0x10
#define IRP_MJ_CLEANUP 0x12
#define IRP_MJ_MAXIMUM_FUNCTION 0x1b

typedef struct _IO_STACK_LOCATION {
  UCHAR MajorFunction;
  UCHAR MinorFunction;
  UCHAR Flags;
  UCHAR Control;
  union {
    struct {
      ULONG Length;
      ULONG DECLSPEC_ALIGN(8) Key;
      LARGE_INTEGER ByteOffset;
    } Read;
    struct {
      ULONG Length;
      ULONG DECLSPEC_ALIGN(8) Key;
      LARGE_INTEGER ByteOffset;
    } Write;
    struct {
      ULONG OutputBufferLength;
      ULONG DECLSPEC_ALIGN(8) InputBufferLength;
      ULONG DECLSPEC_ALIGN(8) IoControlCode;
      PVOID Type3InputBuffer;
    } DeviceIoControl;
    struct {
      PVOID Argument1;
      PVOID Argument2;
      PVOID Argument3;
      PVOID Argument4;
    } Others;
  } Parameters;
  struct _DEVICE_OBJECT* DeviceObject;
  PFILE_OBJECT FileObject;
  PIO_COMPLETION_ROUTINE CompletionRoutine;
  PVOID Context;
} IO_STACK_LOCATION, *PIO_STACK_LOCATION;

typedef struct DECLSPEC_ALIGN(16) _IRP {
  CSHORT Type;
  USHORT Size;  // with its stack locations
  USHORT AllocationProcessorNumber;
  USHORT Reserved;
  PMDL MdlAddress;
  ULONG Flags;
  union {
    struct _IRP* MasterIrp;
    LONG IrpCount;
    PVOID SystemBuffer;
  } AssociatedIrp;
  LIST_ENTRY ThreadListEntry;
  IO_STATUS_BLOCK IoStatus;
  KPROCESSOR_MODE RequestorMode;
  BOOLEAN PendingReturned;
  CHAR StackCount;
  CHAR CurrentLocation;  // 1 to StackCount; StackCount + 1: at its creator
  BOOLEAN Cancel;
  KIRQL CancelIrql;
  CCHAR ApcEnvironment;
  UCHAR AllocationFlags;
  PIO_STATUS_BLOCK UserIosb;
  PKEVENT UserEvent;
  union {
    struct {
      PVOID UserApcRoutine;
      PVOID UserApcContext;
    } AsynchronousParameters;
    LARGE_INTEGER AllocationSize;
  } Overlay;
  PDRIVER_CANCEL CancelRoutine;
  PVOID UserBuffer;
  union {
    struct {
      PVOID DriverContext[4];  // of the driver that holds the packet now
      PETHREAD Thread;
      PCHAR AuxiliaryBuffer;
      LIST_ENTRY ListEntry;  // the same
      PIO_STACK_LOCATION CurrentStackLocation;
      PFILE_OBJECT OriginalFileObject;
      PVOID IrpExtension;
    } Overlay;
    PVOID CompletionKey;
  } Tail;
} IRP, *PIRP;
#define IO_TYPE_DEVICE 3
#define IO_TYPE_DRIVER 4
#define IO_TYPE_IRP 6

typedef struct DECLSPEC_ALIGN(16) _DEVICE_OBJECT {
  CSHORT Type;
  USHORT Size;
  LONG ReferenceCount;
  struct _DRIVER_OBJECT* DriverObject;
  struct _DEVICE_OBJECT* NextDevice;
  struct _DEVICE_OBJECT* AttachedDevice;
  struct _IRP* CurrentIrp;
  PVOID Timer;
  ULONG Flags;
  ULONG Characteristics;
  PVOID Vpb;
  PVOID DeviceExtension;
  ULONG DeviceType;
  CCHAR StackSize;
  ULONG64 Reserved[32];  // to Win64's size
} DEVICE_OBJECT, *PDEVICE_OBJECT;
#define DO_BUFFERED_IO 0x00000004
#define DO_DIRECT_IO 0x00000010
#define DO_DEVICE_INITIALIZING 0x00000080
#define FILE_DEVICE_NETWORK 0x00000012
#define FILE_DEVICE_UNKNOWN 0x00000022
#define FILE_DEVICE_SECURE_OPEN 0x00000100

typedef struct _DRIVER_EXTENSION {
  struct _DRIVER_OBJECT* DriverObject;
  PDRIVER_ADD_DEVICE AddDevice;
  ULONG Count;
  UNICODE_STRING ServiceKeyName;
} DRIVER_EXTENSION, *PDRIVER_EXTENSION;
typedef struct _DRIVER_OBJECT {
  CSHORT Type;
  CSHORT Size;
  PDEVICE_OBJECT DeviceObject;
  ULONG Flags;
  PVOID DriverStart;
  ULONG DriverSize;
  PVOID DriverSection;
  PDRIVER_EXTENSION DriverExtension;
  UNICODE_STRING DriverName;
  PUNICODE_STRING HardwareDatabase;
  PVOID FastIoDispatch;
  PDRIVER_INITIALIZE DriverInit;
  PDRIVER_STARTIO DriverStartIo;
  PDRIVER_UNLOAD DriverUnload;
  PDRIVER_DISPATCH MajorFunction[IRP_MJ_MAXIMUM_FUNCTION + 1];
} DRIVER_OBJECT, *PDRIVER_OBJECT;

typedef struct _IO_WORKITEM* PIO_WORKITEM;
typedef VOID NTAPI IO_WORKITEM_ROUTINE(PDEVICE_OBJECT device, PVOID context);
typedef IO_WORKITEM_ROUTINE* PIO_WORKITEM_ROUTINE;
typedef VOID NTAPI IO_WORKITEM_ROUTINE_EX(PVOID object, PVOID context, PIO_WORKITEM item);
typedef IO_WORKITEM_ROUTINE_EX* PIO_WORKITEM_ROUTINE_EX;
typedef enum _WORK_QUEUE_TYPE {
  CriticalWorkQueue,
  DelayedWorkQueue,
  HyperCriticalWorkQueue,
  NormalWorkQueue
} WORK_QUEUE_TYPE;

ORIEL_WIN_BEGIN
PIRP NTAPI IoAllocateIrp(CCHAR stack_size, BOOLEAN charge_quota) ORIEL_WIN(IoAllocateIrp);
VOID NTAPI IoFreeIrp(PIRP irp) ORIEL_WIN(IoFreeIrp);
VOID NTAPI IoReuseIrp(PIRP irp, NTSTATUS status) ORIEL_WIN(IoReuseIrp);
VOID NTAPI IoInitializeIrp(PIRP irp, USHORT size, CCHAR stack_size) ORIEL_WIN(IoInitializeIrp);
BOOLEAN NTAPI IoCancelIrp(PIRP irp) ORIEL_WIN(IoCancelIrp);
VOID NTAPI IofCompleteRequest(PIRP irp, CCHAR boost) ORIEL_WIN(IofCompleteRequest);
NTSTATUS NTAPI IofCallDriver(PDEVICE_OBJECT device, PIRP irp) ORIEL_WIN(IofCallDriver);
NTSTATUS NTAPI IoSetCompletionRoutineEx(PDEVICE_OBJECT device, PIRP irp,
                                        PIO_COMPLETION_ROUTINE routine, PVOID context,
                                        BOOLEAN on_success, BOOLEAN on_error, BOOLEAN on_cancel)
    ORIEL_WIN(IoSetCompletionRoutineEx);
VOID NTAPI IoAcquireCancelSpinLock(PKIRQL before) ORIEL_WIN(IoAcquireCancelSpinLock);
VOID NTAPI IoReleaseCancelSpinLock(KIRQL before) ORIEL_WIN(IoReleaseCancelSpinLock);

PMDL NTAPI IoAllocateMdl(PVOID address, ULONG n, BOOLEAN is_secondary, BOOLEAN charge_quota,
                         PIRP irp) ORIEL_WIN(IoAllocateMdl);
VOID NTAPI IoFreeMdl(PMDL mdl) ORIEL_WIN(IoFreeMdl);
VOID NTAPI IoBuildPartialMdl(PMDL source, PMDL target, PVOID address, ULONG n)
    ORIEL_WIN(IoBuildPartialMdl);

PIO_WORKITEM NTAPI IoAllocateWorkItem(PDEVICE_OBJECT device) ORIEL_WIN(IoAllocateWorkItem);
VOID NTAPI IoFreeWorkItem(PIO_WORKITEM item) ORIEL_WIN(IoFreeWorkItem);
VOID NTAPI IoQueueWorkItem(PIO_WORKITEM item, PIO_WORKITEM_ROUTINE routine, WORK_QUEUE_TYPE queue,
                           PVOID context) ORIEL_WIN(IoQueueWorkItem);
VOID NTAPI IoQueueWorkItemEx(PIO_WORKITEM item, PIO_WORKITEM_ROUTINE_EX routine,
                             WORK_QUEUE_TYPE queue, PVOID context) ORIEL_WIN(IoQueueWorkItemEx);

// There is no object manager: a device is memory, a link is nothing.
NTSTATUS NTAPI IoCreateDevice(PDRIVER_OBJECT driver, ULONG extension_size, PUNICODE_STRING name,
                              ULONG type, ULONG characteristics, BOOLEAN is_exclusive,
                              PDEVICE_OBJECT* device) ORIEL_WIN(IoCreateDevice);
VOID NTAPI IoDeleteDevice(PDEVICE_OBJECT device) ORIEL_WIN(IoDeleteDevice);
NTSTATUS NTAPI IoCreateSymbolicLink(PUNICODE_STRING link, PUNICODE_STRING device)
    ORIEL_WIN(IoCreateSymbolicLink);
NTSTATUS NTAPI IoDeleteSymbolicLink(PUNICODE_STRING link) ORIEL_WIN(IoDeleteSymbolicLink);
ORIEL_WIN_END

#define IoCompleteRequest(irp, boost) IofCompleteRequest((irp), (boost))
#define IoCallDriver(device, irp) IofCallDriver((device), (irp))
#define IoSizeOfIrp(stack_size) ((USHORT)(sizeof(IRP) + (stack_size) * sizeof(IO_STACK_LOCATION)))

ORIEL_WIN_INLINE PIO_STACK_LOCATION IoGetCurrentIrpStackLocation(PIRP irp) {
  return irp->Tail.Overlay.CurrentStackLocation;
}
ORIEL_WIN_INLINE PIO_STACK_LOCATION IoGetNextIrpStackLocation(PIRP irp) {
  return irp->Tail.Overlay.CurrentStackLocation - 1;
}
ORIEL_WIN_INLINE VOID IoSetNextIrpStackLocation(PIRP irp) {
  irp->CurrentLocation--;
  irp->Tail.Overlay.CurrentStackLocation--;
}
ORIEL_WIN_INLINE VOID IoSkipCurrentIrpStackLocation(PIRP irp) {
  irp->CurrentLocation++;
  irp->Tail.Overlay.CurrentStackLocation++;
}
ORIEL_WIN_INLINE VOID IoCopyCurrentIrpStackLocationToNext(PIRP irp) {
  PIO_STACK_LOCATION next = IoGetNextIrpStackLocation(irp);
  memcpy(next, IoGetCurrentIrpStackLocation(irp), offsetof(IO_STACK_LOCATION, CompletionRoutine));
  next->Control = 0;
}
ORIEL_WIN_INLINE VOID IoMarkIrpPending(PIRP irp) {
  IoGetCurrentIrpStackLocation(irp)->Control |= SL_PENDING_RETURNED;
}
ORIEL_WIN_INLINE VOID IoSetCompletionRoutine(PIRP irp, PIO_COMPLETION_ROUTINE routine,
                                             PVOID context, BOOLEAN on_success, BOOLEAN on_error,
                                             BOOLEAN on_cancel) {
  PIO_STACK_LOCATION next = IoGetNextIrpStackLocation(irp);
  next->CompletionRoutine = routine;
  next->Context = context;
  next->Control =
      (UCHAR)((on_success ? SL_INVOKE_ON_SUCCESS : 0) | (on_error ? SL_INVOKE_ON_ERROR : 0) |
              (on_cancel ? SL_INVOKE_ON_CANCEL : 0));
}
ORIEL_WIN_INLINE PDRIVER_CANCEL IoSetCancelRoutine(PIRP irp, PDRIVER_CANCEL routine) {
  return __atomic_exchange_n(&irp->CancelRoutine, routine, __ATOMIC_SEQ_CST);
}

#endif
