// The echo server without a copy: WskReceiveEvent lends the received bytes, and they are sent from
// where they lie.
//
//   WskReceiveEvent(list) -> STATUS_PENDING: the list is ours
//     -> one WskSend for each element -> the last one's end -> WskRelease(list)
//
// The callbacks may run at DISPATCH_LEVEL, where sending and releasing are allowed. Closing waits
// for the callbacks of the socket, so a work item does that. Nothing limits how much a peer may
// have lent at a time but its own window: a server for strangers would bound that.
//
// Parameters: Port (40007), FastPath (0).
#include <mstcpip.h>
#include <ntddk.h>
#include <wsk.h>

#include "wsk_parameters.h"
#include "wsk_sync.h"

#define ECHO_TAG 0x69686345 /* "Echi" */
#define ECHO_PORT 40007

// A list that was lent, until its last element is sent.
typedef struct _LOAN {
  struct _CONNECTION* connection;
  PWSK_DATA_INDICATION list;
  LONG sends_left;
} LOAN, *PLOAN;

typedef struct _CONNECTION {
  LIST_ENTRY link;  // under `lock`
  PWSK_SOCKET socket;
  PIO_WORKITEM closer;
  LONG holds;  // loans, and one of its own until it ends
  BOOLEAN has_ended;
} CONNECTION, *PCONNECTION;

static WSK_REGISTRATION registration;
static WSK_PROVIDER_NPI provider;
static PDEVICE_OBJECT device;
static PWSK_SOCKET listener;
static KSPIN_LOCK lock;
static LIST_ENTRY connections;
static LONG open_count;  // connections, and one for the driver
static KEVENT all_closed;

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD EchoUnload;
static IO_COMPLETION_ROUTINE EchoSent;
static IO_WORKITEM_ROUTINE CloseConnection;

static const WSK_PROVIDER_CONNECTION_DISPATCH* CallsOf(PCONNECTION c) {
  return (const WSK_PROVIDER_CONNECTION_DISPATCH*)c->socket->Dispatch;
}

static VOID LeaveOpen(VOID) {
  if (InterlockedDecrement(&open_count) == 0) KeSetEvent(&all_closed, IO_NO_INCREMENT, FALSE);
}

// --- the end of a connection

static VOID NTAPI CloseConnection(PDEVICE_OBJECT of, PVOID context) {
  PCONNECTION c = (PCONNECTION)context;
  SYNC_CALL call;
  KIRQL before;
  UNREFERENCED_PARAMETER(of);
  if (NT_SUCCESS(SyncBegin(&call)))
    SyncEnd(&call, CallsOf(c)->WskDisconnect(c->socket, NULL, 0, call.irp));
  SyncClose(c->socket);
  KeAcquireSpinLock(&lock, &before);
  RemoveEntryList(&c->link);
  KeReleaseSpinLock(&lock, before);
  IoFreeWorkItem(c->closer);
  ExFreePoolWithTag(c, ECHO_TAG);
  LeaveOpen();
}

static VOID DropHold(PCONNECTION c) {
  if (InterlockedDecrement(&c->holds) == 0)
    IoQueueWorkItem(c->closer, CloseConnection, DelayedWorkQueue, c);
}

// Nothing more comes from the peer, or nothing more is wanted.
static VOID EndConnection(PCONNECTION c) {
  KIRQL before;
  BOOLEAN is_first;
  KeAcquireSpinLock(&lock, &before);
  is_first = !c->has_ended;
  c->has_ended = TRUE;
  KeReleaseSpinLock(&lock, before);
  if (is_first) DropHold(c);
}

// --- data

static VOID ReturnLoan(PLOAN loan) {
  PCONNECTION c = loan->connection;
  if (InterlockedDecrement(&loan->sends_left) != 0) return;
  CallsOf(c)->WskRelease(c->socket, loan->list);
  ExFreePoolWithTag(loan, ECHO_TAG);
  DropHold(c);
}

static NTSTATUS NTAPI EchoSent(PDEVICE_OBJECT of, PIRP irp, PVOID context) {
  PLOAN loan = (PLOAN)context;
  UNREFERENCED_PARAMETER(of);
  if (!NT_SUCCESS(irp->IoStatus.Status)) EndConnection(loan->connection);
  IoFreeIrp(irp);
  ReturnLoan(loan);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS WSKAPI EchoReceiveEvent(PVOID SocketContext, ULONG Flags,
                                        PWSK_DATA_INDICATION DataIndication, SIZE_T BytesIndicated,
                                        SIZE_T* BytesAccepted) {
  PCONNECTION c = (PCONNECTION)SocketContext;
  PWSK_DATA_INDICATION at;
  PLOAN loan;
  UNREFERENCED_PARAMETER(Flags);
  UNREFERENCED_PARAMETER(BytesIndicated);
  UNREFERENCED_PARAMETER(BytesAccepted);
  if (DataIndication == NULL) {  // the connection is lost
    EndConnection(c);
    return STATUS_SUCCESS;
  }
  loan = (PLOAN)ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(LOAN), ECHO_TAG);
  if (loan == NULL) return STATUS_DATA_NOT_ACCEPTED;
  loan->connection = c;
  loan->list = DataIndication;
  loan->sends_left = 1;  // this call's
  InterlockedIncrement(&c->holds);
  for (at = DataIndication; at != NULL; at = at->Next) {
    PIRP irp = IoAllocateIrp(1, FALSE);
    if (irp == NULL) {
      EndConnection(c);
      break;
    }
    InterlockedIncrement(&loan->sends_left);
    IoSetCompletionRoutine(irp, EchoSent, loan, TRUE, TRUE, TRUE);
    CallsOf(c)->WskSend(c->socket, &at->Buffer, 0, irp);
  }
  ReturnLoan(loan);
  return STATUS_PENDING;
}

static NTSTATUS WSKAPI EchoDisconnectEvent(PVOID SocketContext, ULONG Flags) {
  UNREFERENCED_PARAMETER(Flags);
  EndConnection((PCONNECTION)SocketContext);
  return STATUS_SUCCESS;
}

// --- the listening socket

static const WSK_CLIENT_CONNECTION_DISPATCH connection_dispatch = {EchoReceiveEvent,
                                                                   EchoDisconnectEvent, NULL};

static NTSTATUS WSKAPI
EchoAcceptEvent(PVOID SocketContext, ULONG Flags, PSOCKADDR LocalAddress, PSOCKADDR RemoteAddress,
                PWSK_SOCKET AcceptSocket, PVOID* AcceptSocketContext,
                CONST WSK_CLIENT_CONNECTION_DISPATCH** AcceptSocketDispatch) {
  PCONNECTION c;
  UNREFERENCED_PARAMETER(SocketContext);
  UNREFERENCED_PARAMETER(Flags);
  UNREFERENCED_PARAMETER(LocalAddress);
  UNREFERENCED_PARAMETER(RemoteAddress);
  if (AcceptSocket == NULL) return STATUS_REQUEST_NOT_ACCEPTED;
  c = (PCONNECTION)ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(CONNECTION), ECHO_TAG);
  if (c == NULL) return STATUS_REQUEST_NOT_ACCEPTED;
  c->closer = IoAllocateWorkItem(device);
  if (c->closer == NULL) {
    ExFreePoolWithTag(c, ECHO_TAG);
    return STATUS_REQUEST_NOT_ACCEPTED;
  }
  c->socket = AcceptSocket;
  c->holds = 1;
  InterlockedIncrement(&open_count);
  ExInterlockedInsertTailList(&connections, &c->link, &lock);
  *AcceptSocketContext = c;
  *AcceptSocketDispatch = &connection_dispatch;
  return STATUS_SUCCESS;
}

static const WSK_CLIENT_LISTEN_DISPATCH listen_dispatch = {EchoAcceptEvent, NULL, NULL};
static const WSK_CLIENT_DISPATCH client_dispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};

static NTSTATUS OpenListener(USHORT port, BOOLEAN wants_fast_path) {
  WSK_EVENT_CALLBACK_CONTROL events;
  SOCKADDR_IN address;
  SYNC_CALL call;
  NTSTATUS status;
  events.NpiId = &NPI_WSK_INTERFACE_ID;
  events.EventMask = WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT;
  status = provider.Dispatch->WskControlClient(provider.Client, WSK_SET_STATIC_EVENT_CALLBACKS,
                                               sizeof(events), &events, 0, NULL, NULL, NULL);
  if (NT_SUCCESS(status)) status = SyncBegin(&call);
  if (!NT_SUCCESS(status)) return status;
  status =
      SyncEnd(&call, provider.Dispatch->WskSocket(provider.Client, AF_INET, SOCK_STREAM,
                                                  IPPROTO_TCP, WSK_FLAG_LISTEN_SOCKET, NULL,
                                                  &listen_dispatch, NULL, NULL, NULL, call.irp));
  if (!NT_SUCCESS(status)) return status;
  listener = (PWSK_SOCKET)call.information;
  if (wants_fast_path) {
    status = SyncControl(listener, WskIoctl, SIO_LOOPBACK_FAST_PATH, 0, sizeof(wants_fast_path),
                         &wants_fast_path);
    if (!NT_SUCCESS(status)) return status;
  }
  RtlZeroMemory(&address, sizeof(address));
  address.sin_family = AF_INET;
  address.sin_port = RtlUshortByteSwap(port);
  status = SyncBegin(&call);
  if (!NT_SUCCESS(status)) return status;
  return SyncEnd(&call, ((PWSK_PROVIDER_LISTEN_DISPATCH)listener->Dispatch)
                            ->WskBind(listener, (PSOCKADDR)&address, 0, call.irp));
}

// --- the driver

static NTSTATUS NTAPI FreeWhenDone(PDEVICE_OBJECT of, PIRP irp, PVOID context) {
  UNREFERENCED_PARAMETER(of);
  UNREFERENCED_PARAMETER(context);
  IoFreeIrp(irp);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

// One that has not ended, and now has; its own hold is the caller's.
static PCONNECTION TakeOne(VOID) {
  PCONNECTION found = NULL;
  PLIST_ENTRY at;
  KIRQL before;
  KeAcquireSpinLock(&lock, &before);
  for (at = connections.Flink; at != &connections && found == NULL; at = at->Flink) {
    PCONNECTION c = CONTAINING_RECORD(at, CONNECTION, link);
    if (!c->has_ended) found = c;
  }
  if (found != NULL) found->has_ended = TRUE;
  KeReleaseSpinLock(&lock, before);
  return found;
}

// A peer that does not read may keep a send for ever; an abort ends it.
static VOID AbortAll(VOID) {
  PCONNECTION c;
  while ((c = TakeOne()) != NULL) {
    PIRP irp = IoAllocateIrp(1, FALSE);
    if (irp != NULL) {
      IoSetCompletionRoutine(irp, FreeWhenDone, NULL, TRUE, TRUE, TRUE);
      CallsOf(c)->WskDisconnect(c->socket, NULL, WSK_FLAG_ABORTIVE, irp);
    }
    DropHold(c);
  }
}

static VOID NTAPI EchoUnload(PDRIVER_OBJECT driver) {
  UNREFERENCED_PARAMETER(driver);
  PAGED_CODE();
  if (listener != NULL) SyncClose(listener);
  AbortAll();
  LeaveOpen();
  KeWaitForSingleObject(&all_closed, Executive, KernelMode, FALSE, NULL);
  WskReleaseProviderNPI(&registration);
  WskDeregister(&registration);
  IoDeleteDevice(device);
  DbgPrint("echo: unloaded\n");
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING registry) {
  WSK_CLIENT_NPI client;
  const USHORT port = (USHORT)ReadParameter(registry, L"Port", ECHO_PORT);
  const BOOLEAN wants_fast_path = ReadParameter(registry, L"FastPath", 0) != 0;
  NTSTATUS status;
  PAGED_CODE();
  KeInitializeSpinLock(&lock);
  InitializeListHead(&connections);
  KeInitializeEvent(&all_closed, NotificationEvent, FALSE);
  open_count = 1;
  status = IoCreateDevice(driver, 0, NULL, FILE_DEVICE_NETWORK, 0, FALSE, &device);
  if (!NT_SUCCESS(status)) return status;
  client.ClientContext = NULL;
  client.Dispatch = &client_dispatch;
  status = WskRegister(&client, &registration);
  if (!NT_SUCCESS(status)) {
    IoDeleteDevice(device);
    return status;
  }
  status = WskCaptureProviderNPI(&registration, WSK_INFINITE_WAIT, &provider);
  if (!NT_SUCCESS(status)) {
    WskDeregister(&registration);
    IoDeleteDevice(device);
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
