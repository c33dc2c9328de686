// A client as a WSK client: connects, sends a pattern in one thread and receives
// it in another, and says what came back.
//
// The socket is made, set up, bound and connected in single calls: WskSocketConnect leaves no place
// for a control code before the connection is requested.
//
// Parameters: Port (40007), Bytes (1000000), FastPath (0), Host (127.0.0.1).
#include <ip2string.h>
#include <mstcpip.h>
#include <ntddk.h>
#include <wsk.h>

#include "wsk_parameters.h"
#include "wsk_sync.h"

#define CLIENT_TAG 0x6e696c43 /* "Clin" */
#define PIECE_BYTES 65536
#define ECHO_PORT 40007

static WSK_REGISTRATION registration;
static WSK_PROVIDER_NPI provider;
static PWSK_SOCKET connection;
static PETHREAD sender, receiver;
static ULONG bytes_wanted;
static ULONG bytes_back;

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD ClientUnload;
static KSTART_ROUTINE SendPattern, ReceivePattern;

static const WSK_PROVIDER_CONNECTION_DISPATCH* Calls(VOID) {
  return (const WSK_PROVIDER_CONNECTION_DISPATCH*)connection->Dispatch;
}

static UCHAR PatternAt(ULONG position) {
  return (UCHAR)(position * 31 + (position >> 8));
}

// A buffer in the pool and the MDL that describes it.
typedef struct _PIECE {
  PUCHAR data;
  PMDL mdl;
} PIECE, *PPIECE;

static BOOLEAN MakePiece(PPIECE piece) {
  piece->mdl = NULL;
  piece->data = (PUCHAR)ExAllocatePoolWithTag(NonPagedPoolNx, PIECE_BYTES, CLIENT_TAG);
  if (piece->data == NULL) return FALSE;
  piece->mdl = IoAllocateMdl(piece->data, PIECE_BYTES, FALSE, FALSE, NULL);
  if (piece->mdl == NULL) {
    ExFreePoolWithTag(piece->data, CLIENT_TAG);
    return FALSE;
  }
  MmBuildMdlForNonPagedPool(piece->mdl);
  return TRUE;
}

static VOID FreePiece(PPIECE piece) {
  IoFreeMdl(piece->mdl);
  ExFreePoolWithTag(piece->data, CLIENT_TAG);
}

static VOID NTAPI SendPattern(PVOID context) {
  NTSTATUS status = STATUS_SUCCESS;
  ULONG sent = 0, i;
  SYNC_CALL call;
  PIECE piece;
  UNREFERENCED_PARAMETER(context);
  if (!MakePiece(&piece)) PsTerminateSystemThread(STATUS_INSUFFICIENT_RESOURCES);
  while (NT_SUCCESS(status) && sent < bytes_wanted) {
    WSK_BUF buffer;
    buffer.Mdl = piece.mdl;
    buffer.Offset = 0;
    buffer.Length = bytes_wanted - sent < PIECE_BYTES ? bytes_wanted - sent : PIECE_BYTES;
    for (i = 0; i < buffer.Length; i++) piece.data[i] = PatternAt(sent + i);
    status = SyncBegin(&call);
    if (NT_SUCCESS(status))
      status = SyncEnd(&call, Calls()->WskSend(connection, &buffer, 0, call.irp));
    sent += (ULONG)buffer.Length;
  }
  FreePiece(&piece);
  if (NT_SUCCESS(status)) status = SyncBegin(&call);
  if (NT_SUCCESS(status))
    status = SyncEnd(&call, Calls()->WskDisconnect(connection, NULL, 0, call.irp));
  if (!NT_SUCCESS(status)) DbgPrint("client: sending failed with 0x%08lX\n", status);
}

static VOID NTAPI ReceivePattern(PVOID context) {
  NTSTATUS status = STATUS_SUCCESS;
  BOOLEAN is_same = TRUE;
  SYNC_CALL call;
  PIECE piece;
  ULONG i;
  UNREFERENCED_PARAMETER(context);
  if (!MakePiece(&piece)) PsTerminateSystemThread(STATUS_INSUFFICIENT_RESOURCES);
  for (;;) {
    WSK_BUF buffer;
    buffer.Mdl = piece.mdl;
    buffer.Offset = 0;
    buffer.Length = PIECE_BYTES;
    status = SyncBegin(&call);
    if (NT_SUCCESS(status))
      status = SyncEnd(&call, Calls()->WskReceive(connection, &buffer, 0, call.irp));
    if (!NT_SUCCESS(status) || call.information == 0) break;
    for (i = 0; i < call.information; i++) {
      if (piece.data[i] != PatternAt(bytes_back + i)) is_same = FALSE;
    }
    bytes_back += (ULONG)call.information;
  }
  FreePiece(&piece);
  if (!NT_SUCCESS(status)) DbgPrint("client: receiving failed with 0x%08lX\n", status);
  DbgPrint("client: %lu bytes came back%s\n", bytes_back, is_same ? "" : ", and not the same");
}

static NTSTATUS StartThread(PKSTART_ROUTINE routine, PETHREAD* thread) {
  HANDLE handle;
  NTSTATUS status =
      PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, routine, NULL);
  if (!NT_SUCCESS(status)) return status;
  status =
      ObReferenceObjectByHandle(handle, THREAD_ALL_ACCESS, NULL, KernelMode, (PVOID*)thread, NULL);
  ZwClose(handle);
  return status;
}

static VOID JoinThread(PETHREAD thread) {
  if (thread == NULL) return;
  KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, NULL);
  ObDereferenceObject(thread);
}

// --- connecting

static NTSTATUS ReadAddress(PUNICODE_STRING host, USHORT port, PSOCKADDR_IN address) {
  LPCWSTR end;
  RtlZeroMemory(address, sizeof(*address));
  address->sin_family = AF_INET;
  address->sin_port = RtlUshortByteSwap(port);
  return RtlIpv4StringToAddressW(host->Buffer, TRUE, &end, &address->sin_addr);
}

static NTSTATUS Connect(PSOCKADDR_IN remote, BOOLEAN wants_fast_path) {
  SOCKADDR_IN local;
  SYNC_CALL call;
  NTSTATUS status = SyncBegin(&call);
  if (!NT_SUCCESS(status)) return status;
  status = SyncEnd(&call, provider.Dispatch->WskSocket(provider.Client, AF_INET, SOCK_STREAM,
                                                       IPPROTO_TCP, WSK_FLAG_CONNECTION_SOCKET,
                                                       NULL, NULL, NULL, NULL, NULL, call.irp));
  if (!NT_SUCCESS(status)) return status;
  connection = (PWSK_SOCKET)call.information;
  if (wants_fast_path) {
    status = SyncControl(connection, WskIoctl, SIO_LOOPBACK_FAST_PATH, 0, sizeof(wants_fast_path),
                         &wants_fast_path);
    if (!NT_SUCCESS(status)) return status;
  }
  RtlZeroMemory(&local, sizeof(local));
  local.sin_family = AF_INET;
  status = SyncBegin(&call);
  if (!NT_SUCCESS(status)) return status;
  status = SyncEnd(&call, Calls()->WskBind(connection, (PSOCKADDR)&local, 0, call.irp));
  if (!NT_SUCCESS(status)) return status;
  status = SyncBegin(&call);
  if (!NT_SUCCESS(status)) return status;
  return SyncEnd(&call, Calls()->WskConnect(connection, (PSOCKADDR)remote, 0, call.irp));
}

// --- the driver

static VOID NTAPI ClientUnload(PDRIVER_OBJECT driver) {
  UNREFERENCED_PARAMETER(driver);
  PAGED_CODE();
  JoinThread(sender);
  JoinThread(receiver);
  if (connection != NULL) SyncClose(connection);
  WskReleaseProviderNPI(&registration);
  WskDeregister(&registration);
}

static VOID ReadHost(PUNICODE_STRING registry, PUNICODE_STRING host) {
  RTL_QUERY_REGISTRY_TABLE table[3];
  RtlZeroMemory(table, sizeof(table));
  table[0].Flags = RTL_QUERY_REGISTRY_SUBKEY;
  table[0].Name = (PWSTR)L"Parameters";
  table[1].Flags = RTL_QUERY_REGISTRY_DIRECT;
  table[1].Name = (PWSTR)L"Host";
  table[1].EntryContext = host;
  table[1].DefaultType = REG_SZ;
  table[1].DefaultData = (PVOID)L"127.0.0.1";
  RtlQueryRegistryValues(RTL_REGISTRY_ABSOLUTE, registry->Buffer, table, NULL, NULL);
}

static NTSTATUS Start(PUNICODE_STRING registry) {
  WCHAR room[256];
  UNICODE_STRING host;
  SOCKADDR_IN remote;
  NTSTATUS status;
  const USHORT port = (USHORT)ReadParameter(registry, L"Port", ECHO_PORT);
  const BOOLEAN wants_fast_path = ReadParameter(registry, L"FastPath", 0) != 0;
  bytes_wanted = ReadParameter(registry, L"Bytes", 1000000);
  host.Length = 0;
  host.MaximumLength = sizeof(room);
  host.Buffer = room;
  ReadHost(registry, &host);
  status = ReadAddress(&host, port, &remote);
  if (NT_SUCCESS(status)) status = Connect(&remote, wants_fast_path);
  if (!NT_SUCCESS(status)) {
    DbgPrint("client: %wZ port %u: 0x%08lX\n", &host, port, status);
    return status;
  }
  status = StartThread(ReceivePattern, &receiver);
  if (NT_SUCCESS(status)) status = StartThread(SendPattern, &sender);
  return status;
}

static const WSK_CLIENT_DISPATCH client_dispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING registry) {
  WSK_CLIENT_NPI client;
  NTSTATUS status;
  PAGED_CODE();
  client.ClientContext = NULL;
  client.Dispatch = &client_dispatch;
  status = WskRegister(&client, &registration);
  if (!NT_SUCCESS(status)) return status;
  status = WskCaptureProviderNPI(&registration, WSK_INFINITE_WAIT, &provider);
  if (!NT_SUCCESS(status)) {
    WskDeregister(&registration);
    return status;
  }
  status = Start(registry);
  if (!NT_SUCCESS(status)) {
    ClientUnload(driver);
    return status;
  }
  driver->DriverUnload = ClientUnload;
  return STATUS_SUCCESS;
}
