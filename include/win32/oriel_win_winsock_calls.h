// The functions of ws2_32; winsock2.h includes this.
// Prototypes: Microsoft Learn, winsock2.h. What is `long` on Windows has 32 bits here: LONG.
#ifndef ORIEL_WIN_WINSOCK_CALLS_H
#define ORIEL_WIN_WINSOCK_CALLS_H

ORIEL_WIN_BEGIN

SOCKET WSAAPI accept(SOCKET, struct sockaddr*, int* length) ORIEL_WIN(accept);
int WSAAPI bind(SOCKET, const struct sockaddr*, int length) ORIEL_WIN(bind);
int WSAAPI closesocket(SOCKET) ORIEL_WIN(closesocket);
int WSAAPI connect(SOCKET, const struct sockaddr*, int length) ORIEL_WIN(connect);
int WSAAPI getpeername(SOCKET, struct sockaddr*, int* length) ORIEL_WIN(getpeername);
int WSAAPI getsockname(SOCKET, struct sockaddr*, int* length) ORIEL_WIN(getsockname);
int WSAAPI getsockopt(SOCKET, int level, int option, char* value, int* length)
    ORIEL_WIN(getsockopt);
u_long WSAAPI htonl(u_long) ORIEL_WIN(htonl);
u_short WSAAPI htons(u_short) ORIEL_WIN(htons);
u_long WSAAPI ntohl(u_long) ORIEL_WIN(ntohl);
u_short WSAAPI ntohs(u_short) ORIEL_WIN(ntohs);
unsigned int WSAAPI inet_addr(const char* text) ORIEL_WIN(inet_addr);
char* WSAAPI inet_ntoa(struct in_addr) ORIEL_WIN(inet_ntoa);
int WSAAPI ioctlsocket(SOCKET, LONG command, u_long* argument) ORIEL_WIN(ioctlsocket);
int WSAAPI listen(SOCKET, int backlog) ORIEL_WIN(listen);
int WSAAPI recv(SOCKET, char* buffer, int size, int flags) ORIEL_WIN(recv);
int WSAAPI recvfrom(SOCKET, char* buffer, int size, int flags, struct sockaddr* from, int* length)
    ORIEL_WIN(recvfrom);
int WSAAPI select(int ignored, fd_set* read, fd_set* write, fd_set* except,
                  const struct timeval* timeout) ORIEL_WIN(select);
int WSAAPI send(SOCKET, const char* buffer, int size, int flags) ORIEL_WIN(send);
int WSAAPI sendto(SOCKET, const char* buffer, int size, int flags, const struct sockaddr* to,
                  int length) ORIEL_WIN(sendto);
int WSAAPI setsockopt(SOCKET, int level, int option, const char* value, int length)
    ORIEL_WIN(setsockopt);
int WSAAPI shutdown(SOCKET, int how) ORIEL_WIN(shutdown);
SOCKET WSAAPI socket(int family, int type, int protocol) ORIEL_WIN(socket);
struct hostent* WSAAPI gethostbyaddr(const char* address, int length, int family)
    ORIEL_WIN(gethostbyaddr);
struct hostent* WSAAPI gethostbyname(const char* name) ORIEL_WIN(gethostbyname);
int WSAAPI gethostname(char* name, int size) ORIEL_WIN(gethostname);
int WSAAPI GetHostNameW(PWSTR name, int size) ORIEL_WIN(GetHostNameW);
struct servent* WSAAPI getservbyport(int port, const char* protocol) ORIEL_WIN(getservbyport);
struct servent* WSAAPI getservbyname(const char* name, const char* protocol)
    ORIEL_WIN(getservbyname);
struct protoent* WSAAPI getprotobynumber(int number) ORIEL_WIN(getprotobynumber);
struct protoent* WSAAPI getprotobyname(const char* name) ORIEL_WIN(getprotobyname);

int WSAAPI WSAStartup(WORD version, LPWSADATA) ORIEL_WIN(WSAStartup);
int WSAAPI WSACleanup(void) ORIEL_WIN(WSACleanup);
void WSAAPI WSASetLastError(int error) ORIEL_WIN(WSASetLastError);
int WSAAPI WSAGetLastError(void) ORIEL_WIN(WSAGetLastError);
BOOL WSAAPI WSAIsBlocking(void) ORIEL_WIN(WSAIsBlocking);
int WSAAPI WSACancelBlockingCall(void) ORIEL_WIN(WSACancelBlockingCall);
int WSAAPI WSAAsyncSelect(SOCKET, HWND, u_int message, LONG events) ORIEL_WIN(WSAAsyncSelect);
SOCKET WSAAPI WSAAccept(SOCKET, struct sockaddr*, LPINT length, LPCONDITIONPROC, DWORD_PTR data)
    ORIEL_WIN(WSAAccept);
BOOL WSAAPI WSACloseEvent(WSAEVENT) ORIEL_WIN(WSACloseEvent);
int WSAAPI WSAConnect(SOCKET, const struct sockaddr*, int length, LPWSABUF caller_data,
                      LPWSABUF callee_data, LPQOS, LPQOS group_qos) ORIEL_WIN(WSAConnect);
BOOL PASCAL WSAConnectByNameA(SOCKET, LPCSTR node, LPCSTR service, LPDWORD local_size,
                              LPSOCKADDR local, LPDWORD remote_size, LPSOCKADDR remote,
                              const struct timeval* timeout, LPWSAOVERLAPPED reserved)
    ORIEL_WIN(WSAConnectByNameA);
BOOL PASCAL WSAConnectByNameW(SOCKET, LPWSTR node, LPWSTR service, LPDWORD local_size,
                              LPSOCKADDR local, LPDWORD remote_size, LPSOCKADDR remote,
                              const struct timeval* timeout, LPWSAOVERLAPPED reserved)
    ORIEL_WIN(WSAConnectByNameW);
BOOL PASCAL WSAConnectByList(SOCKET, LPSOCKET_ADDRESS_LIST, LPDWORD local_size, LPSOCKADDR local,
                             LPDWORD remote_size, LPSOCKADDR remote, const struct timeval* timeout,
                             LPWSAOVERLAPPED reserved) ORIEL_WIN(WSAConnectByList);
WSAEVENT WSAAPI WSACreateEvent(void) ORIEL_WIN(WSACreateEvent);
int WSAAPI WSADuplicateSocketA(SOCKET, DWORD process, LPWSAPROTOCOL_INFOA)
    ORIEL_WIN(WSADuplicateSocketA);
int WSAAPI WSADuplicateSocketW(SOCKET, DWORD process, LPWSAPROTOCOL_INFOW)
    ORIEL_WIN(WSADuplicateSocketW);
int WSAAPI WSAEnumNetworkEvents(SOCKET, WSAEVENT, LPWSANETWORKEVENTS)
    ORIEL_WIN(WSAEnumNetworkEvents);
int WSAAPI WSAEnumProtocolsA(LPINT protocols, LPWSAPROTOCOL_INFOA, LPDWORD size)
    ORIEL_WIN(WSAEnumProtocolsA);
int WSAAPI WSAEnumProtocolsW(LPINT protocols, LPWSAPROTOCOL_INFOW, LPDWORD size)
    ORIEL_WIN(WSAEnumProtocolsW);
int WSAAPI WSAEventSelect(SOCKET, WSAEVENT, LONG events) ORIEL_WIN(WSAEventSelect);
BOOL WSAAPI WSAGetOverlappedResult(SOCKET, LPWSAOVERLAPPED, LPDWORD bytes, BOOL wait, LPDWORD flags)
    ORIEL_WIN(WSAGetOverlappedResult);
BOOL WSAAPI WSAGetQOSByName(SOCKET, LPWSABUF name, LPQOS) ORIEL_WIN(WSAGetQOSByName);
int WSAAPI WSAHtonl(SOCKET, u_long host, u_long* net) ORIEL_WIN(WSAHtonl);
int WSAAPI WSAHtons(SOCKET, u_short host, u_short* net) ORIEL_WIN(WSAHtons);
int WSAAPI WSANtohl(SOCKET, u_long net, u_long* host) ORIEL_WIN(WSANtohl);
int WSAAPI WSANtohs(SOCKET, u_short net, u_short* host) ORIEL_WIN(WSANtohs);
int WSAAPI WSAIoctl(SOCKET, DWORD code, LPVOID in, DWORD in_size, LPVOID out, DWORD out_size,
                    LPDWORD returned, LPWSAOVERLAPPED, LPWSAOVERLAPPED_COMPLETION_ROUTINE)
    ORIEL_WIN(WSAIoctl);
SOCKET WSAAPI WSAJoinLeaf(SOCKET, const struct sockaddr*, int length, LPWSABUF caller_data,
                          LPWSABUF callee_data, LPQOS, LPQOS group_qos, DWORD flags)
    ORIEL_WIN(WSAJoinLeaf);
int WSAAPI WSARecv(SOCKET, LPWSABUF, DWORD count, LPDWORD received, LPDWORD flags, LPWSAOVERLAPPED,
                   LPWSAOVERLAPPED_COMPLETION_ROUTINE) ORIEL_WIN(WSARecv);
int WSAAPI WSARecvDisconnect(SOCKET, LPWSABUF data) ORIEL_WIN(WSARecvDisconnect);
int WSAAPI WSARecvFrom(SOCKET, LPWSABUF, DWORD count, LPDWORD received, LPDWORD flags,
                       struct sockaddr* from, LPINT length, LPWSAOVERLAPPED,
                       LPWSAOVERLAPPED_COMPLETION_ROUTINE) ORIEL_WIN(WSARecvFrom);
BOOL WSAAPI WSAResetEvent(WSAEVENT) ORIEL_WIN(WSAResetEvent);
int WSAAPI WSASend(SOCKET, LPWSABUF, DWORD count, LPDWORD sent, DWORD flags, LPWSAOVERLAPPED,
                   LPWSAOVERLAPPED_COMPLETION_ROUTINE) ORIEL_WIN(WSASend);
int WSAAPI WSASendMsg(SOCKET, LPWSAMSG, DWORD flags, LPDWORD sent, LPWSAOVERLAPPED,
                      LPWSAOVERLAPPED_COMPLETION_ROUTINE) ORIEL_WIN(WSASendMsg);
int WSAAPI WSASendDisconnect(SOCKET, LPWSABUF data) ORIEL_WIN(WSASendDisconnect);
int WSAAPI WSASendTo(SOCKET, LPWSABUF, DWORD count, LPDWORD sent, DWORD flags,
                     const struct sockaddr* to, int length, LPWSAOVERLAPPED,
                     LPWSAOVERLAPPED_COMPLETION_ROUTINE) ORIEL_WIN(WSASendTo);
BOOL WSAAPI WSASetEvent(WSAEVENT) ORIEL_WIN(WSASetEvent);
SOCKET WSAAPI WSASocketA(int family, int type, int protocol, LPWSAPROTOCOL_INFOA, GROUP,
                         DWORD flags) ORIEL_WIN(WSASocketA);
SOCKET WSAAPI WSASocketW(int family, int type, int protocol, LPWSAPROTOCOL_INFOW, GROUP,
                         DWORD flags) ORIEL_WIN(WSASocketW);
DWORD WSAAPI WSAWaitForMultipleEvents(DWORD count, const WSAEVENT*, BOOL all, DWORD ms,
                                      BOOL alertable) ORIEL_WIN(WSAWaitForMultipleEvents);
INT WSAAPI WSAAddressToStringA(LPSOCKADDR, DWORD length, LPWSAPROTOCOL_INFOA, LPSTR text,
                               LPDWORD size) ORIEL_WIN(WSAAddressToStringA);
INT WSAAPI WSAAddressToStringW(LPSOCKADDR, DWORD length, LPWSAPROTOCOL_INFOW, LPWSTR text,
                               LPDWORD size) ORIEL_WIN(WSAAddressToStringW);
INT WSAAPI WSAStringToAddressA(LPSTR text, INT family, LPWSAPROTOCOL_INFOA, LPSOCKADDR,
                               LPINT length) ORIEL_WIN(WSAStringToAddressA);
INT WSAAPI WSAStringToAddressW(LPWSTR text, INT family, LPWSAPROTOCOL_INFOW, LPSOCKADDR,
                               LPINT length) ORIEL_WIN(WSAStringToAddressW);
int WSAAPI WSAPoll(LPWSAPOLLFD, ULONG count, INT ms) ORIEL_WIN(WSAPoll);
INT WSAAPI WSAProviderConfigChange(LPHANDLE, LPWSAOVERLAPPED, LPWSAOVERLAPPED_COMPLETION_ROUTINE)
    ORIEL_WIN(WSAProviderConfigChange);

ORIEL_WIN_END

#ifdef __cplusplus
extern "C++" {
// For sources that think `unsigned long` has 32 bits: u_long's part of an 8-byte integer goes in
// and out.
template <typename T>
inline int oriel_win_ioctlsocket8(SOCKET socket, LONG command, T* argument) {
  u_long value = static_cast<u_long>(*argument);
  const int result = ioctlsocket(socket, command, &value);
  *argument = static_cast<T>(value);
  return result;
}
inline int ioctlsocket(SOCKET socket, LONG command, unsigned long* argument) {
  return oriel_win_ioctlsocket8(socket, command, argument);
}
inline int ioctlsocket(SOCKET socket, LONG command, long* argument) {
  return oriel_win_ioctlsocket8(socket, command, argument);
}
}
#endif

ORIEL_WIN_INLINE ULONGLONG htonll(ULONGLONG value) {
  return __builtin_bswap64(value);
}
ORIEL_WIN_INLINE ULONGLONG ntohll(ULONGLONG value) {
  return __builtin_bswap64(value);
}

#define WSAConnectByName ORIEL_WIN_AW(WSAConnectByName)
#define WSADuplicateSocket ORIEL_WIN_AW(WSADuplicateSocket)
#define WSAEnumProtocols ORIEL_WIN_AW(WSAEnumProtocols)
#define WSASocket ORIEL_WIN_AW(WSASocket)
#define WSAAddressToString ORIEL_WIN_AW(WSAAddressToString)
#define WSAStringToAddress ORIEL_WIN_AW(WSAStringToAddress)

#define WSAMAKEASYNCREPLY(length, error) MAKELONG(length, error)
#define WSAMAKESELECTREPLY(event, error) MAKELONG(event, error)
#define WSAGETSELECTEVENT(lParam) LOWORD(lParam)
#define WSAGETSELECTERROR(lParam) HIWORD(lParam)

#endif
