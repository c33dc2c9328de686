// The Windows Filtering Platform for programs in user mode: the filter engine of this process's
// stack. docs/guide/filter.md says how far it reaches; OrielFwpmCalloutBind0 at the end is ours.
// Prototypes: Microsoft Learn; identifiers and values: Windows SDK, fwpmu.h.
#ifndef __fwpmu_h__
#define __fwpmu_h__

#include <fwpmtypes.h>

// A constant of the library; with INITGUID the program has its own, as on Windows.
#ifdef INITGUID
#define ORIEL_WIN_GUID(name, l, w1, w2, b1, b2, b3, b4, b5, b6, b7, b8)                        \
  extern const GUID name __asm__("oriel_" #name) __attribute__((weak, visibility("default"))); \
  const GUID name = {l, w1, w2, {b1, b2, b3, b4, b5, b6, b7, b8}}
#else
#define ORIEL_WIN_GUID(name, l, w1, w2, b1, b2, b3, b4, b5, b6, b7, b8) \
  extern const GUID name __asm__("oriel_" #name) __attribute__((visibility("default")))
#endif

ORIEL_WIN_GUID(FWPM_LAYER_INBOUND_TRANSPORT_V4, 0x5926dfc8, 0xe3cf, 0x4426, 0xa2, 0x83, 0xdc, 0x39,
               0x3f, 0x5d, 0x0f, 0x9d);
ORIEL_WIN_GUID(FWPM_LAYER_INBOUND_TRANSPORT_V6, 0x634a869f, 0xfc23, 0x4b90, 0xb0, 0xc1, 0xbf, 0x62,
               0x0a, 0x36, 0xae, 0x6f);
ORIEL_WIN_GUID(FWPM_LAYER_OUTBOUND_TRANSPORT_V4, 0x09e61aea, 0xd214, 0x46e2, 0x9b, 0x21, 0xb2, 0x6b,
               0x0b, 0x2f, 0x28, 0xc8);
ORIEL_WIN_GUID(FWPM_LAYER_OUTBOUND_TRANSPORT_V6, 0xe1735bde, 0x013f, 0x4655, 0xb3, 0x51, 0xa4, 0x9e,
               0x15, 0x76, 0x2d, 0xf0);
ORIEL_WIN_GUID(FWPM_LAYER_STREAM_V4, 0x3b89653c, 0xc170, 0x49e4, 0xb1, 0xcd, 0xe0, 0xee, 0xee, 0xe1,
               0x9a, 0x3e);
ORIEL_WIN_GUID(FWPM_LAYER_STREAM_V6, 0x47c9137a, 0x7ec4, 0x46b3, 0xb6, 0xe4, 0x48, 0xe9, 0x26, 0xb1,
               0xed, 0xa4);
ORIEL_WIN_GUID(FWPM_LAYER_ALE_AUTH_RECV_ACCEPT_V4, 0xe1cd9fe7, 0xf4b5, 0x4273, 0x96, 0xc0, 0x59,
               0x2e, 0x48, 0x7b, 0x86, 0x50);
ORIEL_WIN_GUID(FWPM_LAYER_ALE_AUTH_RECV_ACCEPT_V6, 0xa3b42c97, 0x9f04, 0x4672, 0xb8, 0x7e, 0xce,
               0xe9, 0xc4, 0x83, 0x25, 0x7f);
ORIEL_WIN_GUID(FWPM_LAYER_ALE_AUTH_CONNECT_V4, 0xc38d57d1, 0x05a7, 0x4c33, 0x90, 0x4f, 0x7f, 0xbc,
               0xee, 0xe6, 0x0e, 0x82);
ORIEL_WIN_GUID(FWPM_LAYER_ALE_AUTH_CONNECT_V6, 0x4a72393b, 0x319f, 0x44bc, 0x84, 0xc3, 0xba, 0x54,
               0xdc, 0xb3, 0xb6, 0xb4);

ORIEL_WIN_GUID(FWPM_SUBLAYER_UNIVERSAL, 0xeebecc03, 0xced4, 0x4380, 0x81, 0x9a, 0x27, 0x34, 0x39,
               0x7b, 0x2b, 0x74);

ORIEL_WIN_GUID(FWPM_CONDITION_IP_LOCAL_ADDRESS, 0xd9ee00de, 0xc1ef, 0x4617, 0xbf, 0xe3, 0xff, 0xd8,
               0xf5, 0xa0, 0x89, 0x57);
ORIEL_WIN_GUID(FWPM_CONDITION_IP_REMOTE_ADDRESS, 0xb235ae9a, 0x1d64, 0x49b8, 0xa4, 0x4c, 0x5f, 0xf3,
               0xd9, 0x09, 0x50, 0x45);
ORIEL_WIN_GUID(FWPM_CONDITION_IP_PROTOCOL, 0x3971ef2b, 0x623e, 0x4f9a, 0x8c, 0xb1, 0x6e, 0x79, 0xb8,
               0x06, 0xb9, 0xa7);
ORIEL_WIN_GUID(FWPM_CONDITION_IP_LOCAL_PORT, 0x0c1ba1af, 0x5765, 0x453f, 0xaf, 0x22, 0xa8, 0xf7,
               0x91, 0xac, 0x77, 0x5b);
ORIEL_WIN_GUID(FWPM_CONDITION_IP_REMOTE_PORT, 0xc35a604d, 0xd22b, 0x4e1a, 0x91, 0xb4, 0x68, 0xf6,
               0x74, 0xee, 0x67, 0x4b);
ORIEL_WIN_GUID(FWPM_CONDITION_FLAGS, 0x632ce23b, 0x5167, 0x435c, 0x86, 0xd7, 0xe9, 0x03, 0x68, 0x4a,
               0xa8, 0x0c);
ORIEL_WIN_GUID(FWPM_CONDITION_DIRECTION, 0x8784c146, 0xca97, 0x44d6, 0x9f, 0xd1, 0x19, 0xfb, 0x18,
               0x40, 0xcb, 0xf7);

#ifndef RPC_C_AUTHN_WINNT
#define RPC_C_AUTHN_WINNT 10
#define RPC_C_AUTHN_DEFAULT 0xFFFFFFFF
#endif
#define FWPM_TXN_READ_ONLY 0x00000001

struct _SEC_WINNT_AUTH_IDENTITY_W;

ORIEL_WIN_BEGIN

DWORD WINAPI FwpmEngineOpen0(const wchar_t* serverName, UINT32 authnService,
                             struct _SEC_WINNT_AUTH_IDENTITY_W* authIdentity,
                             const FWPM_SESSION0* session, HANDLE* engineHandle)
    ORIEL_WIN(FwpmEngineOpen0);
DWORD WINAPI FwpmEngineClose0(HANDLE engineHandle) ORIEL_WIN(FwpmEngineClose0);
DWORD WINAPI FwpmTransactionBegin0(HANDLE engineHandle, UINT32 flags)
    ORIEL_WIN(FwpmTransactionBegin0);
DWORD WINAPI FwpmTransactionCommit0(HANDLE engineHandle) ORIEL_WIN(FwpmTransactionCommit0);
DWORD WINAPI FwpmTransactionAbort0(HANDLE engineHandle) ORIEL_WIN(FwpmTransactionAbort0);
VOID WINAPI FwpmFreeMemory0(VOID** p) ORIEL_WIN(FwpmFreeMemory0);

DWORD WINAPI FwpmProviderAdd0(HANDLE engineHandle, const FWPM_PROVIDER0* provider, PVOID sd)
    ORIEL_WIN(FwpmProviderAdd0);
DWORD WINAPI FwpmProviderDeleteByKey0(HANDLE engineHandle, const GUID* key)
    ORIEL_WIN(FwpmProviderDeleteByKey0);
DWORD WINAPI FwpmSubLayerAdd0(HANDLE engineHandle, const FWPM_SUBLAYER0* subLayer, PVOID sd)
    ORIEL_WIN(FwpmSubLayerAdd0);
DWORD WINAPI FwpmSubLayerDeleteByKey0(HANDLE engineHandle, const GUID* key)
    ORIEL_WIN(FwpmSubLayerDeleteByKey0);
DWORD WINAPI FwpmCalloutAdd0(HANDLE engineHandle, const FWPM_CALLOUT0* callout, PVOID sd,
                             UINT32* id) ORIEL_WIN(FwpmCalloutAdd0);
DWORD WINAPI FwpmCalloutDeleteById0(HANDLE engineHandle, UINT32 id)
    ORIEL_WIN(FwpmCalloutDeleteById0);
DWORD WINAPI FwpmCalloutDeleteByKey0(HANDLE engineHandle, const GUID* key)
    ORIEL_WIN(FwpmCalloutDeleteByKey0);

DWORD WINAPI FwpmFilterAdd0(HANDLE engineHandle, const FWPM_FILTER0* filter, PVOID sd, UINT64* id)
    ORIEL_WIN(FwpmFilterAdd0);
DWORD WINAPI FwpmFilterDeleteById0(HANDLE engineHandle, UINT64 id) ORIEL_WIN(FwpmFilterDeleteById0);
DWORD WINAPI FwpmFilterDeleteByKey0(HANDLE engineHandle, const GUID* key)
    ORIEL_WIN(FwpmFilterDeleteByKey0);
DWORD WINAPI FwpmFilterGetById0(HANDLE engineHandle, UINT64 id, FWPM_FILTER0** filter)
    ORIEL_WIN(FwpmFilterGetById0);
DWORD WINAPI FwpmFilterGetByKey0(HANDLE engineHandle, const GUID* key, FWPM_FILTER0** filter)
    ORIEL_WIN(FwpmFilterGetByKey0);
DWORD WINAPI FwpmFilterCreateEnumHandle0(HANDLE engineHandle,
                                         const FWPM_FILTER_ENUM_TEMPLATE0* enumTemplate,
                                         HANDLE* enumHandle) ORIEL_WIN(FwpmFilterCreateEnumHandle0);
DWORD WINAPI FwpmFilterEnum0(HANDLE engineHandle, HANDLE enumHandle, UINT32 numEntriesRequested,
                             FWPM_FILTER0*** entries, UINT32* numEntriesReturned)
    ORIEL_WIN(FwpmFilterEnum0);
DWORD WINAPI FwpmFilterDestroyEnumHandle0(HANDLE engineHandle, HANDLE enumHandle)
    ORIEL_WIN(FwpmFilterDestroyEnumHandle0);

// --- ours: on Windows a driver gives a callout its code, here a program does.

#define ORIEL_FWPM_STREAM_END 0x00000001     // nothing follows in this direction
#define ORIEL_FWPM_STREAM_URGENT 0x00000002  // one byte of urgent data

// What is decided. Addresses: IPv4 as a number in host order, IPv6 as bytes; ports in host order.
typedef struct ORIEL_FWPM_CLASSIFY0_ {
  GUID layerKey;
  FWP_IP_VERSION ipVersion;
  FWP_DIRECTION direction;
  UINT8 protocol;
  UINT16 localPort;
  UINT16 remotePort;
  UINT32 localAddressV4;
  UINT32 remoteAddressV4;
  FWP_BYTE_ARRAY16 localAddressV6;
  FWP_BYTE_ARRAY16 remoteAddressV6;
  UINT32 flags;        // FWP_CONDITION_FLAG_IS_LOOPBACK
  UINT32 streamFlags;  // stream layers: ORIEL_FWPM_STREAM_...
  UINT64 flowId;       // stream layers: one number for one connection
  const UINT8* data;   // stream layers: the bytes; transport layers: the packet's first piece
  SIZE_T dataBytes;
} ORIEL_FWPM_CLASSIFY0;

// Stream layers: with isSet these bytes (which the program keeps until its function is called
// again, at most 1 MiB) go on in place of the ones that came; none of them: nothing goes on yet.
typedef struct ORIEL_FWPM_REPLACEMENT0_ {
  BOOL isSet;
  const UINT8* data;
  SIZE_T dataBytes;
} ORIEL_FWPM_REPLACEMENT0;

// Returns FWP_ACTION_PERMIT, FWP_ACTION_BLOCK or FWP_ACTION_CONTINUE; at the stream layers
// FWP_ACTION_BLOCK resets the connection and the others let the bytes pass. Runs inside protocol
// work: it never waits, calls no function of Winsock or of this header, and gives the same answer
// to the same input. `replacement` is NULL but at the stream layers.
typedef FWP_ACTION_TYPE(CALLBACK* ORIEL_FWPM_CLASSIFY_FN0)(void* context,
                                                           const ORIEL_FWPM_CLASSIFY0* classify,
                                                           ORIEL_FWPM_REPLACEMENT0* replacement);

// Gives a callout its code; NULL takes it away. FWP_E_CALLOUT_NOT_FOUND; FWP_E_TXN_IN_PROGRESS.
DWORD WINAPI OrielFwpmCalloutBind0(HANDLE engineHandle, const GUID* calloutKey,
                                   ORIEL_FWPM_CLASSIFY_FN0 classify, void* context)
    ORIEL_WIN(OrielFwpmCalloutBind0);

ORIEL_WIN_END

#define FwpmEngineOpen FwpmEngineOpen0
#define FwpmEngineClose FwpmEngineClose0
#define FwpmTransactionBegin FwpmTransactionBegin0
#define FwpmTransactionCommit FwpmTransactionCommit0
#define FwpmTransactionAbort FwpmTransactionAbort0
#define FwpmFreeMemory FwpmFreeMemory0
#define FwpmProviderAdd FwpmProviderAdd0
#define FwpmProviderDeleteByKey FwpmProviderDeleteByKey0
#define FwpmSubLayerAdd FwpmSubLayerAdd0
#define FwpmSubLayerDeleteByKey FwpmSubLayerDeleteByKey0
#define FwpmCalloutAdd FwpmCalloutAdd0
#define FwpmCalloutDeleteById FwpmCalloutDeleteById0
#define FwpmCalloutDeleteByKey FwpmCalloutDeleteByKey0
#define FwpmFilterAdd FwpmFilterAdd0
#define FwpmFilterDeleteById FwpmFilterDeleteById0
#define FwpmFilterDeleteByKey FwpmFilterDeleteByKey0
#define FwpmFilterGetById FwpmFilterGetById0
#define FwpmFilterGetByKey FwpmFilterGetByKey0
#define FwpmFilterCreateEnumHandle FwpmFilterCreateEnumHandle0
#define FwpmFilterEnum FwpmFilterEnum0
#define FwpmFilterDestroyEnumHandle FwpmFilterDestroyEnumHandle0

#endif
