// Names and addresses as text, and the helpers for IPv6 and the ideal send backlog.
// Prototypes: Microsoft Learn, ws2tcpip.h.
#ifndef _WS2TCPIP_H_
#define _WS2TCPIP_H_

#include <winsock2.h>
#include <ws2ipdef.h>

typedef int socklen_t;

#define EAI_AGAIN WSATRY_AGAIN
#define EAI_BADFLAGS WSAEINVAL
#define EAI_FAIL WSANO_RECOVERY
#define EAI_FAMILY WSAEAFNOSUPPORT
#define EAI_MEMORY WSA_NOT_ENOUGH_MEMORY
#define EAI_NOSECURENAME WSA_SECURE_HOST_NOT_FOUND
#define EAI_NONAME WSAHOST_NOT_FOUND
#define EAI_NODATA EAI_NONAME
#define EAI_SERVICE WSATYPE_NOT_FOUND
#define EAI_SOCKTYPE WSAESOCKTNOSUPPORT
#define EAI_IPSECPOLICY WSA_IPSEC_NAME_POLICY_ERROR
#define GAI_STRERROR_BUFFER_SIZE 1024

typedef void(CALLBACK* LPLOOKUPSERVICE_COMPLETION_ROUTINE)(DWORD error, DWORD bytes,
                                                           LPWSAOVERLAPPED);

ORIEL_WIN_BEGIN

extern const struct in6_addr in6addr_any ORIEL_WIN(in6addr_any);
extern const struct in6_addr in6addr_loopback ORIEL_WIN(in6addr_loopback);

INT WSAAPI getaddrinfo(PCSTR node, PCSTR service, const ADDRINFOA* hints, PADDRINFOA* result)
    ORIEL_WIN(getaddrinfo);
INT WSAAPI GetAddrInfoW(PCWSTR node, PCWSTR service, const ADDRINFOW* hints, PADDRINFOW* result)
    ORIEL_WIN(GetAddrInfoW);
VOID WSAAPI freeaddrinfo(PADDRINFOA) ORIEL_WIN(freeaddrinfo);
VOID WSAAPI FreeAddrInfoW(PADDRINFOW) ORIEL_WIN(FreeAddrInfoW);
INT WSAAPI GetAddrInfoExA(PCSTR node, PCSTR service, DWORD name_space, LPGUID,
                          const ADDRINFOEXA* hints, PADDRINFOEXA* result, struct timeval* timeout,
                          LPOVERLAPPED, LPLOOKUPSERVICE_COMPLETION_ROUTINE, LPHANDLE)
    ORIEL_WIN(GetAddrInfoExA);
INT WSAAPI GetAddrInfoExW(PCWSTR node, PCWSTR service, DWORD name_space, LPGUID,
                          const ADDRINFOEXW* hints, PADDRINFOEXW* result, struct timeval* timeout,
                          LPOVERLAPPED, LPLOOKUPSERVICE_COMPLETION_ROUTINE, LPHANDLE)
    ORIEL_WIN(GetAddrInfoExW);
INT WSAAPI GetAddrInfoExCancel(LPHANDLE) ORIEL_WIN(GetAddrInfoExCancel);
INT WSAAPI GetAddrInfoExOverlappedResult(LPOVERLAPPED) ORIEL_WIN(GetAddrInfoExOverlappedResult);
void WSAAPI FreeAddrInfoExA(PADDRINFOEXA) ORIEL_WIN(FreeAddrInfoEx);
void WSAAPI FreeAddrInfoExW(PADDRINFOEXW) ORIEL_WIN(FreeAddrInfoExW);
INT WSAAPI getnameinfo(const SOCKADDR*, socklen_t length, PCHAR node, DWORD node_size,
                       PCHAR service, DWORD service_size, INT flags) ORIEL_WIN(getnameinfo);
INT WSAAPI GetNameInfoW(const SOCKADDR*, socklen_t length, PWCHAR node, DWORD node_size,
                        PWCHAR service, DWORD service_size, INT flags) ORIEL_WIN(GetNameInfoW);
INT WSAAPI inet_pton(INT family, PCSTR text, PVOID address) ORIEL_WIN(inet_pton);
INT WSAAPI InetPtonW(INT family, PCWSTR text, PVOID address) ORIEL_WIN(InetPtonW);
PCSTR WSAAPI inet_ntop(INT family, const VOID* address, PSTR text, size_t size)
    ORIEL_WIN(inet_ntop);
PCWSTR WSAAPI InetNtopW(INT family, const VOID* address, PWSTR text, size_t size)
    ORIEL_WIN(InetNtopW);
char* WSAAPI gai_strerrorA(int error) ORIEL_WIN(gai_strerrorA);
WCHAR* WSAAPI gai_strerrorW(int error) ORIEL_WIN(gai_strerrorW);

ORIEL_WIN_END

#define GetAddrInfoA getaddrinfo
#define FreeAddrInfoA freeaddrinfo
#define GetNameInfoA getnameinfo
#define InetPtonA inet_pton
#define InetNtopA inet_ntop
#define FreeAddrInfoEx FreeAddrInfoExA
#define GetAddrInfo ORIEL_WIN_AW(GetAddrInfo)
#define FreeAddrInfo ORIEL_WIN_AW(FreeAddrInfo)
#define GetNameInfo ORIEL_WIN_AW(GetNameInfo)
#define GetAddrInfoEx ORIEL_WIN_AW(GetAddrInfoEx)
#define InetPton ORIEL_WIN_AW(InetPton)
#define InetNtop ORIEL_WIN_AW(InetNtop)
#define gai_strerror ORIEL_WIN_AW(gai_strerror)

#include <oriel_win_address_inlines.h>

#endif
