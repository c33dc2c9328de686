// An echo server as a WSK client: a listening socket with WskAcceptEvent, and for each connection
// receives and sends with IRPs until the peer ends.
//
// All WSK calls on connections are made by one worker thread; completion routines and event
// callbacks, which may run at DISPATCH_LEVEL, only queue the next step for it. An accepted socket
// may not be used before WskAcceptEvent has returned, so its first step is queued too.
//
// Parameters: Port (40007), FastPath (0; 1: loopback connections may take the fast path).
#include <mstcpip.h>
#include <ntddk.h>
#include <wsk.h>

#include "wsk_parameters.h"
#include "wsk_sync.h"

#define ECHO_TAG 0x6f686345 /* "Echo" */
#define ECHO_PORT 40007
#define BUFFER_BYTES 16384

typedef struct _CONNECTION CONNECTION, *PCONNECTION;
typedef VOID STEP(PCONNECTION connection);

// A step of one connection that waits for the worker. The IRP's completion routine queues it.
typedef struct _OPERATION {
  LIST_ENTRY queued;
  STEP* step;
  PCONNECTION connection;
  PIRP irp;
} OPERATION, *POPERATION;

struct _CONNECTION {
  LIST_ENTRY link;
  PWSK_SOCKET socket;
  OPERATION data;   // receive, send, disconnect: one at a time
  OPERATION close;  // of its own, because it may come while the other pends
  PMDL mdl;
  SIZE_T length;
  BOOLEAN is_closing;
  UCHAR buffer[BUFFER_BYTES];
};

static WSK_REGISTRATION registration;
static WSK_PROVIDER_NPI provider;
static PWSK_SOCKET listener;
static PETHREAD worker;
static KSPIN_LOCK queue_lock;
static LIST_ENTRY queue;
static KEVENT queue_event;
static LIST_ENTRY connections;  // the worker's
static BOOLEAN is_stopping;     // under queue_lock

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD EchoUnload;
static KSTART_ROUTINE EchoWorker;
static IO_COMPLETION_ROUTINE EchoCompleted;
static STEP StepReceive, StepReceived, StepSent, StepClose, StepClosed;

static VOID Queue(POPERATION operation, STEP* step) {
  operation->step = step;
  ExInterlockedInsertTailList(&queue, &operation->queued, &queue_lock);
  KeSetEvent(&queue_event, IO_NO_INCREMENT, FALSE);
}

static NTSTATUS NTAPI EchoCompleted(PDEVICE_OBJECT device, PIRP irp, PVOID context) {
  POPERATION operation = (POPERATION)context;
  UNREFERENCED_PARAMETER(device);
  UNREFERENCED_PARAMETER(irp);
  Queue(operation, operation->step);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

// `then` is the step that the end of the next call queues.
static PIRP Prepare(POPERATION operation, STEP* then) {
  operation->step = then;
  IoReuseIrp(operation->irp, STATUS_UNSUCCESSFUL);
  IoSetCompletionRoutine(operation->irp, EchoCompleted, operation, TRUE, TRUE, TRUE);
  return operation->irp;
}

static const WSK_PROVIDER_CONNECTION_DISPATCH* CallsOf(PCONNECTION c) {
  return (const WSK_PROVIDER_CONNECTION_DISPATCH*)c->socket->Dispatch;
}

static VOID FreeConnection(PCONNECTION c) {
  if (c->data.irp != NULL) IoFreeIrp(c->data.irp);
  if (c->close.irp != NULL) IoFreeIrp(c->close.irp);
  if (c->mdl != NULL) IoFreeMdl(c->mdl);
  ExFreePoolWithTag(c, ECHO_TAG);
}

static PCONNECTION NewConnection(PWSK_SOCKET socket) {
  PCONNECTION c = (PCONNECTION)ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(CONNECTION), ECHO_TAG);
  if (c == NULL) return NULL;
  c->socket = socket;
  c->data.connection = c->close.connection = c;
  c->data.irp = IoAllocateIrp(1, FALSE);
  c->close.irp = IoAllocateIrp(1, FALSE);
  c->mdl = IoAllocateMdl(c->buffer, BUFFER_BYTES, FALSE, FALSE, NULL);
  if (c->data.irp == NULL || c->close.irp == NULL || c->mdl == NULL) {
    FreeConnection(c);
    return NULL;
  }
  MmBuildMdlForNonPagedPool(c->mdl);
  return c;
}

// --- steps, all in the worker

static VOID StepReceive(PCONNECTION c) {
  WSK_BUF buffer;
  if (c->link.Flink == NULL) InsertTailList(&connections, &c->link);
  if (c->is_closing) return;
  buffer.Mdl = c->mdl;
  buffer.Offset = 0;
  buffer.Length = BUFFER_BYTES;
  CallsOf(c)->WskReceive(c->socket, &buffer, 0, Prepare(&c->data, StepReceived));
}

static VOID StepReceived(PCONNECTION c) {
  WSK_BUF buffer;
  c->length = c->data.irp->IoStatus.Information;
  if (c->is_closing) return;
  if (!NT_SUCCESS(c->data.irp->IoStatus.Status)) {
    StepClose(c);
  } else if (c->length == 0) {  // the peer has sent its last byte: so have we
    CallsOf(c)->WskDisconnect(c->socket, NULL, 0, Prepare(&c->data, StepClose));
  } else {
    buffer.Mdl = c->mdl;
    buffer.Offset = 0;
    buffer.Length = c->length;
    CallsOf(c)->WskSend(c->socket, &buffer, 0, Prepare(&c->data, StepSent));
  }
}

static VOID StepSent(PCONNECTION c) {
  if (NT_SUCCESS(c->data.irp->IoStatus.Status)) {
    StepReceive(c);
  } else {
    StepClose(c);
  }
}

static VOID StepClose(PCONNECTION c) {
  if (c->is_closing) return;
  c->is_closing = TRUE;
  ((PWSK_PROVIDER_BASIC_DISPATCH)c->socket->Dispatch)
      ->WskCloseSocket(c->socket, Prepare(&c->close, StepClosed));
}

// What pended on the socket has been queued before this.
static VOID StepClosed(PCONNECTION c) {
  RemoveEntryList(&c->link);
  FreeConnection(c);
}

static VOID CloseAll(VOID) {
  PLIST_ENTRY at;
  for (at = connections.Flink; at != &connections; at = at->Flink) {
    StepClose(CONTAINING_RECORD(at, CONNECTION, link));
  }
}

static BOOLEAN IsStopping(VOID) {
  KIRQL before;
  BOOLEAN is;
  KeAcquireSpinLock(&queue_lock, &before);
  is = is_stopping;
  KeReleaseSpinLock(&queue_lock, before);
  return is;
}

static VOID NTAPI EchoWorker(PVOID context) {
  UNREFERENCED_PARAMETER(context);
  PAGED_CODE();
  for (;;) {
    PLIST_ENTRY entry = ExInterlockedRemoveHeadList(&queue, &queue_lock);
    if (entry != NULL) {
      POPERATION operation = CONTAINING_RECORD(entry, OPERATION, queued);
      operation->step(operation->connection);
      continue;
    }
    if (IsStopping()) {
      CloseAll();
      if (IsListEmpty(&connections)) break;
    }
    KeWaitForSingleObject(&queue_event, Executive, KernelMode, FALSE, NULL);
  }
  PsTerminateSystemThread(STATUS_SUCCESS);
}

// --- the listening socket

static NTSTATUS WSKAPI
EchoAcceptEvent(PVOID SocketContext, ULONG Flags, PSOCKADDR LocalAddress, PSOCKADDR RemoteAddress,
                PWSK_SOCKET AcceptSocket, PVOID* AcceptSocketContext,
                CONST WSK_CLIENT_CONNECTION_DISPATCH** AcceptSocketDispatch) {
  PCONNECTION c;
  UNREFERENCED_PARAMETER(SocketContext);
  UNREFERENCED_PARAMETER(Flags);
  UNREFERENCED_PARAMETER(LocalAddress);
  UNREFERENCED_PARAMETER(RemoteAddress);
  if (AcceptSocket == NULL) return STATUS_REQUEST_NOT_ACCEPTED;  // the listening socket is lost
  c = NewConnection(AcceptSocket);
  if (c == NULL) return STATUS_REQUEST_NOT_ACCEPTED;
  *AcceptSocketContext = NULL;
  *AcceptSocketDispatch = NULL;
  Queue(&c->data, StepReceive);
  return STATUS_SUCCESS;
}

static const WSK_CLIENT_LISTEN_DISPATCH listen_dispatch = {EchoAcceptEvent, NULL, NULL};
static const WSK_CLIENT_DISPATCH client_dispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};

static NTSTATUS OpenListener(USHORT port, BOOLEAN wants_fast_path) {
  WSK_EVENT_CALLBACK_CONTROL events;
  SOCKADDR_IN6 address;
  SYNC_CALL call;
  ULONG v6_only = 0;
  NTSTATUS status;

  events.NpiId = &NPI_WSK_INTERFACE_ID;
  events.EventMask = WSK_EVENT_ACCEPT;
  status = provider.Dispatch->WskControlClient(provider.Client, WSK_SET_STATIC_EVENT_CALLBACKS,
                                               sizeof(events), &events, 0, NULL, NULL, NULL);
  if (!NT_SUCCESS(status)) return status;

  status = SyncBegin(&call);
  if (!NT_SUCCESS(status)) return status;
  status =
      SyncEnd(&call, provider.Dispatch->WskSocket(provider.Client, AF_INET6, SOCK_STREAM,
                                                  IPPROTO_TCP, WSK_FLAG_LISTEN_SOCKET, NULL,
                                                  &listen_dispatch, NULL, NULL, NULL, call.irp));
  if (!NT_SUCCESS(status)) return status;
  listener = (PWSK_SOCKET)call.information;

  status =
      SyncControl(listener, WskSetOption, IPV6_V6ONLY, IPPROTO_IPV6, sizeof(v6_only), &v6_only);
  if (NT_SUCCESS(status) && wants_fast_path) {
    status = SyncControl(listener, WskIoctl, SIO_LOOPBACK_FAST_PATH, 0, sizeof(wants_fast_path),
                         &wants_fast_path);
  }
  if (!NT_SUCCESS(status)) return status;

  RtlZeroMemory(&address, sizeof(address));
  address.sin6_family = AF_INET6;
  address.sin6_port = RtlUshortByteSwap(port);
  status = SyncBegin(&call);
  if (!NT_SUCCESS(status)) return status;
  return SyncEnd(&call, ((PWSK_PROVIDER_LISTEN_DISPATCH)listener->Dispatch)
                            ->WskBind(listener, (PSOCKADDR)&address, 0, call.irp));
}

// --- the driver

static NTSTATUS StartWorker(VOID) {
  HANDLE handle;
  NTSTATUS status =
      PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, EchoWorker, NULL);
  if (!NT_SUCCESS(status)) return status;
  status =
      ObReferenceObjectByHandle(handle, THREAD_ALL_ACCESS, NULL, KernelMode, (PVOID*)&worker, NULL);
  ZwClose(handle);
  return status;
}

static VOID StopWorker(VOID) {
  KIRQL before;
  KeAcquireSpinLock(&queue_lock, &before);
  is_stopping = TRUE;
  KeReleaseSpinLock(&queue_lock, before);
  KeSetEvent(&queue_event, IO_NO_INCREMENT, FALSE);
  KeWaitForSingleObject(worker, Executive, KernelMode, FALSE, NULL);
  ObDereferenceObject(worker);
}

static VOID NTAPI EchoUnload(PDRIVER_OBJECT driver) {
  UNREFERENCED_PARAMETER(driver);
  PAGED_CODE();
  if (listener != NULL) SyncClose(listener);  // no WskAcceptEvent comes after this
  StopWorker();
  WskReleaseProviderNPI(&registration);
  WskDeregister(&registration);
  DbgPrint("echo: unloaded\n");
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING registry) {
  WSK_CLIENT_NPI client;
  const USHORT port = (USHORT)ReadParameter(registry, L"Port", ECHO_PORT);
  const BOOLEAN wants_fast_path = ReadParameter(registry, L"FastPath", 0) != 0;
  NTSTATUS status;
  PAGED_CODE();
  KeInitializeSpinLock(&queue_lock);
  InitializeListHead(&queue);
  InitializeListHead(&connections);
  KeInitializeEvent(&queue_event, SynchronizationEvent, FALSE);

  client.ClientContext = NULL;
  client.Dispatch = &client_dispatch;
  status = WskRegister(&client, &registration);
  if (!NT_SUCCESS(status)) return status;
  status = WskCaptureProviderNPI(&registration, WSK_INFINITE_WAIT, &provider);
  if (!NT_SUCCESS(status)) {
    WskDeregister(&registration);
    return status;
  }
  status = StartWorker();
  if (!NT_SUCCESS(status)) {
    WskReleaseProviderNPI(&registration);
    WskDeregister(&registration);
    return status;
  }
  status = OpenListener(port, wants_fast_path);
  if (!NT_SUCCESS(status)) {
    EchoUnload(driver);
    return status;
  }
  driver->DriverUnload = EchoUnload;
  DbgPrint("echo: listening on port %u\n", port);
  return STATUS_SUCCESS;
}
