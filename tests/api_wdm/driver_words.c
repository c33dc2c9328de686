// What the sources of drivers look like, as far as a compiler can tell: annotations, pragmas,
// function types as declarations, tables and addresses as initializers, tags in quotes. It is
// compiled as C and as C++ and never run.
#pragma warning(push)
#pragma warning(disable : 4201)
#include <Ntddk.h>
#include <Wsk.h>
#pragma warning(pop)

#define WORDS_TAG ((ULONG)'sdrw')

typedef struct _WORDS_QUEUE {
  SLIST_HEADER Head;
  KEVENT Event;
  BOOLEAN Stop;
  PETHREAD Thread;
} WORDS_QUEUE, *PWORDS_QUEUE;

typedef struct _WORDS_ITEM {
  SLIST_ENTRY Entry;
  _Field_size_bytes_part_(BufferLength, DataLength) PVOID Data;
  SIZE_T BufferLength;
  SIZE_T DataLength;
} WORDS_ITEM, *PWORDS_ITEM;

#ifdef __cplusplus
extern "C" {
#endif
DRIVER_INITIALIZE DriverEntry;
DRIVER_UNLOAD WordsUnload;
KSTART_ROUTINE WordsWorker;
IO_COMPLETION_ROUTINE WordsCompleted;
IO_WORKITEM_ROUTINE WordsWorkItem;
#ifdef __cplusplus
}
#endif

_Must_inspect_result_ __drv_allocatesMem(Mem) _Success_(return != NULL) PWORDS_ITEM
    WordsAllocate(_In_ ULONG Length);
_At_(Item, __drv_freesMem(Mem)) VOID WordsFree(_In_ PWORDS_ITEM Item);

#ifdef ALLOC_PRAGMA
#pragma alloc_text(INIT, DriverEntry)
#pragma alloc_text(PAGE, WordsUnload)
#endif

NTSTATUS WSKAPI WordsAcceptEvent(
    _In_ PVOID SocketContext, _In_ ULONG Flags, _In_ PSOCKADDR LocalAddress,
    _In_ PSOCKADDR RemoteAddress, _In_opt_ PWSK_SOCKET AcceptSocket,
    _Outptr_result_maybenull_ PVOID* AcceptSocketContext,
    _Outptr_result_maybenull_ CONST WSK_CLIENT_CONNECTION_DISPATCH** AcceptSocketDispatch);

const WSK_CLIENT_DISPATCH WordsClientDispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};
const WSK_CLIENT_LISTEN_DISPATCH WordsListenDispatch = {WordsAcceptEvent, NULL, NULL};
WSK_REGISTRATION WordsRegistration;
WORDS_QUEUE WordsQueue;
SOCKADDR_IN6 WordsAddress = {AF_INET6, 0x479c, 0, IN6ADDR_ANY_INIT, 0};

_IRQL_requires_max_(DISPATCH_LEVEL) PWORDS_ITEM WordsAllocate(ULONG Length) {
  PWORDS_ITEM item =
      (PWORDS_ITEM)ExAllocatePoolZero(NonPagedPool, sizeof(*item) + Length, WORDS_TAG);
  C_ASSERT(sizeof(WORDS_ITEM) % MEMORY_ALLOCATION_ALIGNMENT == 0);
  if (item != NULL) {
    item->Data = item + 1;
    item->BufferLength = Length;
  }
  return item;
}

VOID WordsFree(PWORDS_ITEM Item) {
  ExFreePool(Item);
}

_Use_decl_annotations_ NTSTATUS WordsCompleted(PDEVICE_OBJECT Reserved, PIRP Irp, PVOID Context) {
  PKEVENT done = (PKEVENT)Context;
  _Analysis_assume_(Context != NULL);
  UNREFERENCED_PARAMETER(Reserved);
  KdPrint(("completed: 0x%lx %Iu\n", Irp->IoStatus.Status, Irp->IoStatus.Information));
  KeSetEvent(done, 2, FALSE);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

VOID WordsWorkItem(PDEVICE_OBJECT Device, PVOID Context) {
  IoFreeWorkItem((PIO_WORKITEM)Context);
  UNREFERENCED_PARAMETER(Device);
}

NTSTATUS WSKAPI WordsAcceptEvent(PVOID SocketContext, ULONG Flags, PSOCKADDR LocalAddress,
                                 PSOCKADDR RemoteAddress, PWSK_SOCKET AcceptSocket,
                                 PVOID* AcceptSocketContext,
                                 CONST WSK_CLIENT_CONNECTION_DISPATCH** AcceptSocketDispatch) {
  const WSK_PROVIDER_BASIC_DISPATCH* basic;
  UNREFERENCED_PARAMETER(SocketContext);
  UNREFERENCED_PARAMETER(Flags);
  UNREFERENCED_PARAMETER(LocalAddress);
  UNREFERENCED_PARAMETER(RemoteAddress);
  if (AcceptSocket == NULL) return STATUS_REQUEST_NOT_ACCEPTED;
  basic = (const WSK_PROVIDER_BASIC_DISPATCH*)AcceptSocket->Dispatch;
  UNREFERENCED_PARAMETER(basic);
  *AcceptSocketContext = NULL;
  *AcceptSocketDispatch = NULL;
  return STATUS_SUCCESS;
}

VOID WordsWorker(_In_ PVOID Context) {
  PWORDS_QUEUE queue = (PWORDS_QUEUE)Context;
  LARGE_INTEGER second;
  PSLIST_ENTRY entry;
  PAGED_CODE();
  second.QuadPart = -10 * 1000 * 1000;
  while (!queue->Stop) {
    KeWaitForSingleObject(&queue->Event, Executive, KernelMode, FALSE, &second);
    for (entry = InterlockedFlushSList(&queue->Head); entry != NULL;) {
      PWORDS_ITEM item = CONTAINING_RECORD(entry, WORDS_ITEM, Entry);
      entry = entry->Next;
      WordsFree(item);
    }
  }
  PsTerminateSystemThread(STATUS_SUCCESS);
}

VOID WordsUnload(_In_ PDRIVER_OBJECT DriverObject) {
  PAGED_CODE();
  ASSERT(DriverObject != NULL);
  NT_ASSERTMSG("a message", WordsQueue.Thread != NULL);
  WordsQueue.Stop = TRUE;
  KeSetEvent(&WordsQueue.Event, 0, FALSE);
  KeWaitForSingleObject(WordsQueue.Thread, Executive, KernelMode, FALSE, 0);
  ObDereferenceObject(WordsQueue.Thread);
  WskDeregister(&WordsRegistration);
}

NTSTATUS DriverEntry(_In_ PDRIVER_OBJECT DriverObject, _In_ PUNICODE_STRING RegistryPath) {
  NTSTATUS status;
  WSK_CLIENT_NPI client;
  HANDLE thread;
  DECLARE_CONST_UNICODE_STRING(name, L"\\Device\\Words");
  UNREFERENCED_PARAMETER(RegistryPath);
  UNREFERENCED_PARAMETER(name);
  client.ClientContext = (PVOID)(ULONG_PTR)&WordsListenDispatch;
  client.Dispatch = &WordsClientDispatch;
  status = WskRegister(&client, &WordsRegistration);
  if (!NT_SUCCESS(status)) return status;
  InitializeSListHead(&WordsQueue.Head);
  KeInitializeEvent(&WordsQueue.Event, SynchronizationEvent, FALSE);
  status =
      PsCreateSystemThread(&thread, THREAD_ALL_ACCESS, NULL, NULL, NULL, WordsWorker, &WordsQueue);
  if (!NT_SUCCESS(status)) return status;
  status = ObReferenceObjectByHandle(thread, THREAD_ALL_ACCESS, NULL, KernelMode,
                                     &WordsQueue.Thread, NULL);
  ZwClose(thread);
  __try {
    MmProbeAndLockPages(NULL, KernelMode, IoReadAccess);
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    status = STATUS_ACCESS_VIOLATION;
  }
  DriverObject->DriverUnload = WordsUnload;
  return status;
}
