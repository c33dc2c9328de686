// The provider's interface: the table of 30 calls that WSPStartup hands out, and the upcalls that
// it is given. Order and layouts: Windows SDK, ws2spi.h; prototypes: Microsoft Learn. Errors come
// through lpErrno.
#ifndef _WINSOCK2SPI_
#define _WINSOCK2SPI_

#include <winsock2.h>

#define WSPDESCRIPTION_LEN 255
#define WSPAPI

typedef struct WSPData {
  WORD wVersion;
  WORD wHighVersion;
  WCHAR szDescription[WSPDESCRIPTION_LEN + 1];
} WSPDATA, *LPWSPDATA;

typedef struct _WSATHREADID {
  HANDLE ThreadHandle;
  DWORD_PTR Reserved;
} WSATHREADID, *LPWSATHREADID;

typedef BOOL(CALLBACK* LPBLOCKINGCALLBACK)(DWORD_PTR context);
typedef VOID(CALLBACK* LPWSAUSERAPC)(DWORD_PTR context);

typedef SOCKET(WSPAPI* LPWSPACCEPT)(SOCKET, struct sockaddr*, LPINT length, LPCONDITIONPROC,
                                    DWORD_PTR data, LPINT lpErrno);
typedef INT(WSPAPI* LPWSPADDRESSTOSTRING)(LPSOCKADDR, DWORD length, LPWSAPROTOCOL_INFOW,
                                          LPWSTR text, LPDWORD size, LPINT lpErrno);
typedef int(WSPAPI* LPWSPASYNCSELECT)(SOCKET, HWND, unsigned int message, LONG events,
                                      LPINT lpErrno);
typedef int(WSPAPI* LPWSPBIND)(SOCKET, const struct sockaddr*, int length, LPINT lpErrno);
typedef int(WSPAPI* LPWSPCANCELBLOCKINGCALL)(LPINT lpErrno);
typedef int(WSPAPI* LPWSPCLEANUP)(LPINT lpErrno);
typedef int(WSPAPI* LPWSPCLOSESOCKET)(SOCKET, LPINT lpErrno);
typedef int(WSPAPI* LPWSPCONNECT)(SOCKET, const struct sockaddr*, int length, LPWSABUF caller_data,
                                  LPWSABUF callee_data, LPQOS, LPQOS group_qos, LPINT lpErrno);
typedef int(WSPAPI* LPWSPDUPLICATESOCKET)(SOCKET, DWORD process, LPWSAPROTOCOL_INFOW,
                                          LPINT lpErrno);
typedef int(WSPAPI* LPWSPENUMNETWORKEVENTS)(SOCKET, WSAEVENT, LPWSANETWORKEVENTS, LPINT lpErrno);
typedef int(WSPAPI* LPWSPEVENTSELECT)(SOCKET, WSAEVENT, LONG events, LPINT lpErrno);
typedef BOOL(WSPAPI* LPWSPGETOVERLAPPEDRESULT)(SOCKET, LPWSAOVERLAPPED, LPDWORD bytes, BOOL wait,
                                               LPDWORD flags, LPINT lpErrno);
typedef int(WSPAPI* LPWSPGETPEERNAME)(SOCKET, struct sockaddr*, LPINT length, LPINT lpErrno);
typedef int(WSPAPI* LPWSPGETSOCKNAME)(SOCKET, struct sockaddr*, LPINT length, LPINT lpErrno);
typedef int(WSPAPI* LPWSPGETSOCKOPT)(SOCKET, int level, int option, char* value, LPINT length,
                                     LPINT lpErrno);
typedef BOOL(WSPAPI* LPWSPGETQOSBYNAME)(SOCKET, LPWSABUF name, LPQOS, LPINT lpErrno);
typedef int(WSPAPI* LPWSPIOCTL)(SOCKET, DWORD code, LPVOID in, DWORD in_size, LPVOID out,
                                DWORD out_size, LPDWORD returned, LPWSAOVERLAPPED,
                                LPWSAOVERLAPPED_COMPLETION_ROUTINE, LPWSATHREADID, LPINT lpErrno);
typedef SOCKET(WSPAPI* LPWSPJOINLEAF)(SOCKET, const struct sockaddr*, int length,
                                      LPWSABUF caller_data, LPWSABUF callee_data, LPQOS,
                                      LPQOS group_qos, DWORD flags, LPINT lpErrno);
typedef int(WSPAPI* LPWSPLISTEN)(SOCKET, int backlog, LPINT lpErrno);
typedef int(WSPAPI* LPWSPRECV)(SOCKET, LPWSABUF, DWORD count, LPDWORD received, LPDWORD flags,
                               LPWSAOVERLAPPED, LPWSAOVERLAPPED_COMPLETION_ROUTINE, LPWSATHREADID,
                               LPINT lpErrno);
typedef int(WSPAPI* LPWSPRECVDISCONNECT)(SOCKET, LPWSABUF data, LPINT lpErrno);
typedef int(WSPAPI* LPWSPRECVFROM)(SOCKET, LPWSABUF, DWORD count, LPDWORD received, LPDWORD flags,
                                   struct sockaddr* from, LPINT length, LPWSAOVERLAPPED,
                                   LPWSAOVERLAPPED_COMPLETION_ROUTINE, LPWSATHREADID,
                                   LPINT lpErrno);
typedef int(WSPAPI* LPWSPSELECT)(int ignored, fd_set* read, fd_set* write, fd_set* except,
                                 const struct timeval* timeout, LPINT lpErrno);
typedef int(WSPAPI* LPWSPSEND)(SOCKET, LPWSABUF, DWORD count, LPDWORD sent, DWORD flags,
                               LPWSAOVERLAPPED, LPWSAOVERLAPPED_COMPLETION_ROUTINE, LPWSATHREADID,
                               LPINT lpErrno);
typedef int(WSPAPI* LPWSPSENDDISCONNECT)(SOCKET, LPWSABUF data, LPINT lpErrno);
typedef int(WSPAPI* LPWSPSENDTO)(SOCKET, LPWSABUF, DWORD count, LPDWORD sent, DWORD flags,
                                 const struct sockaddr* to, int length, LPWSAOVERLAPPED,
                                 LPWSAOVERLAPPED_COMPLETION_ROUTINE, LPWSATHREADID, LPINT lpErrno);
typedef int(WSPAPI* LPWSPSETSOCKOPT)(SOCKET, int level, int option, const char* value, int length,
                                     LPINT lpErrno);
typedef int(WSPAPI* LPWSPSHUTDOWN)(SOCKET, int how, LPINT lpErrno);
typedef SOCKET(WSPAPI* LPWSPSOCKET)(int family, int type, int protocol, LPWSAPROTOCOL_INFOW, GROUP,
                                    DWORD flags, LPINT lpErrno);
typedef INT(WSPAPI* LPWSPSTRINGTOADDRESS)(LPWSTR text, INT family, LPWSAPROTOCOL_INFOW, LPSOCKADDR,
                                          LPINT length, LPINT lpErrno);

typedef struct _WSPPROC_TABLE {
  LPWSPACCEPT lpWSPAccept;
  LPWSPADDRESSTOSTRING lpWSPAddressToString;
  LPWSPASYNCSELECT lpWSPAsyncSelect;
  LPWSPBIND lpWSPBind;
  LPWSPCANCELBLOCKINGCALL lpWSPCancelBlockingCall;
  LPWSPCLEANUP lpWSPCleanup;
  LPWSPCLOSESOCKET lpWSPCloseSocket;
  LPWSPCONNECT lpWSPConnect;
  LPWSPDUPLICATESOCKET lpWSPDuplicateSocket;
  LPWSPENUMNETWORKEVENTS lpWSPEnumNetworkEvents;
  LPWSPEVENTSELECT lpWSPEventSelect;
  LPWSPGETOVERLAPPEDRESULT lpWSPGetOverlappedResult;
  LPWSPGETPEERNAME lpWSPGetPeerName;
  LPWSPGETSOCKNAME lpWSPGetSockName;
  LPWSPGETSOCKOPT lpWSPGetSockOpt;
  LPWSPGETQOSBYNAME lpWSPGetQOSByName;
  LPWSPIOCTL lpWSPIoctl;
  LPWSPJOINLEAF lpWSPJoinLeaf;
  LPWSPLISTEN lpWSPListen;
  LPWSPRECV lpWSPRecv;
  LPWSPRECVDISCONNECT lpWSPRecvDisconnect;
  LPWSPRECVFROM lpWSPRecvFrom;
  LPWSPSELECT lpWSPSelect;
  LPWSPSEND lpWSPSend;
  LPWSPSENDDISCONNECT lpWSPSendDisconnect;
  LPWSPSENDTO lpWSPSendTo;
  LPWSPSETSOCKOPT lpWSPSetSockOpt;
  LPWSPSHUTDOWN lpWSPShutdown;
  LPWSPSOCKET lpWSPSocket;
  LPWSPSTRINGTOADDRESS lpWSPStringToAddress;
} WSPPROC_TABLE, *LPWSPPROC_TABLE;

typedef BOOL(WSPAPI* LPWPUCLOSEEVENT)(WSAEVENT, LPINT lpErrno);
typedef int(WSPAPI* LPWPUCLOSESOCKETHANDLE)(SOCKET, LPINT lpErrno);
typedef WSAEVENT(WSPAPI* LPWPUCREATEEVENT)(LPINT lpErrno);
typedef SOCKET(WSPAPI* LPWPUCREATESOCKETHANDLE)(DWORD catalog_entry, DWORD_PTR context,
                                                LPINT lpErrno);
typedef int(WSPAPI* LPWPUFDISSET)(SOCKET, fd_set*);
typedef int(WSPAPI* LPWPUGETPROVIDERPATH)(LPGUID, WCHAR* path, LPINT size, LPINT lpErrno);
typedef SOCKET(WSPAPI* LPWPUMODIFYIFSHANDLE)(DWORD catalog_entry, SOCKET proposed, LPINT lpErrno);
typedef BOOL(WSPAPI* LPWPUPOSTMESSAGE)(HWND, UINT message, WPARAM, LPARAM);
typedef int(WSPAPI* LPWPUQUERYBLOCKINGCALLBACK)(DWORD catalog_entry, LPBLOCKINGCALLBACK*,
                                                PDWORD_PTR context, LPINT lpErrno);
typedef int(WSPAPI* LPWPUQUERYSOCKETHANDLECONTEXT)(SOCKET, PDWORD_PTR context, LPINT lpErrno);
typedef int(WSPAPI* LPWPUQUEUEAPC)(LPWSATHREADID, LPWSAUSERAPC, DWORD_PTR context, LPINT lpErrno);
typedef BOOL(WSPAPI* LPWPURESETEVENT)(WSAEVENT, LPINT lpErrno);
typedef BOOL(WSPAPI* LPWPUSETEVENT)(WSAEVENT, LPINT lpErrno);
typedef int(WSPAPI* LPWPUOPENCURRENTTHREAD)(LPWSATHREADID, LPINT lpErrno);
typedef int(WSPAPI* LPWPUCLOSETHREAD)(LPWSATHREADID, LPINT lpErrno);
typedef int(WSPAPI* LPWPUCOMPLETEOVERLAPPEDREQUEST)(SOCKET, LPWSAOVERLAPPED, DWORD error,
                                                    DWORD bytes, LPINT lpErrno);

typedef struct _WSPUPCALLTABLE {
  LPWPUCLOSEEVENT lpWPUCloseEvent;
  LPWPUCLOSESOCKETHANDLE lpWPUCloseSocketHandle;
  LPWPUCREATEEVENT lpWPUCreateEvent;
  LPWPUCREATESOCKETHANDLE lpWPUCreateSocketHandle;
  LPWPUFDISSET lpWPUFDIsSet;
  LPWPUGETPROVIDERPATH lpWPUGetProviderPath;
  LPWPUMODIFYIFSHANDLE lpWPUModifyIFSHandle;
  LPWPUPOSTMESSAGE lpWPUPostMessage;
  LPWPUQUERYBLOCKINGCALLBACK lpWPUQueryBlockingCallback;
  LPWPUQUERYSOCKETHANDLECONTEXT lpWPUQuerySocketHandleContext;
  LPWPUQUEUEAPC lpWPUQueueApc;
  LPWPURESETEVENT lpWPUResetEvent;
  LPWPUSETEVENT lpWPUSetEvent;
  LPWPUOPENCURRENTTHREAD lpWPUOpenCurrentThread;
  LPWPUCLOSETHREAD lpWPUCloseThread;
} WSPUPCALLTABLE, *LPWSPUPCALLTABLE;

typedef int(WSPAPI* LPWSPSTARTUP)(WORD version, LPWSPDATA, LPWSAPROTOCOL_INFOW, WSPUPCALLTABLE,
                                  LPWSPPROC_TABLE);

ORIEL_WIN_BEGIN

int WSPAPI WSPStartup(WORD version, LPWSPDATA, LPWSAPROTOCOL_INFOW, WSPUPCALLTABLE, LPWSPPROC_TABLE)
    ORIEL_WIN(WSPStartup);
int WSPAPI WPUCompleteOverlappedRequest(SOCKET, LPWSAOVERLAPPED, DWORD error, DWORD bytes,
                                        LPINT lpErrno) ORIEL_WIN(WPUCompleteOverlappedRequest);
int WSPAPI WSCInstallProvider(LPGUID, const WCHAR* path, const LPWSAPROTOCOL_INFOW entries,
                              DWORD count, LPINT lpErrno) ORIEL_WIN(WSCInstallProvider);
int WSPAPI WSCDeinstallProvider(LPGUID, LPINT lpErrno) ORIEL_WIN(WSCDeinstallProvider);
int WSPAPI WSCEnumProtocols(LPINT protocols, LPWSAPROTOCOL_INFOW, LPDWORD size, LPINT lpErrno)
    ORIEL_WIN(WSCEnumProtocols);
int WSPAPI WSCGetProviderPath(LPGUID, WCHAR* path, LPINT size, LPINT lpErrno)
    ORIEL_WIN(WSCGetProviderPath);
int WSPAPI WSCWriteProviderOrder(LPDWORD catalog_entries, DWORD count)
    ORIEL_WIN(WSCWriteProviderOrder);

ORIEL_WIN_END

#endif
