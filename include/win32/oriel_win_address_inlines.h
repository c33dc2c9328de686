// The inline helpers of ws2tcpip.h and mstcpip.h over addresses, and the two calls of the ideal
// send backlog. Behaviour: Microsoft Learn. ws2tcpip.h includes this.
#ifndef ORIEL_WIN_ADDRESS_INLINES_H
#define ORIEL_WIN_ADDRESS_INLINES_H

ORIEL_WIN_INLINE int IN6_ADDR_EQUAL(const IN6_ADDR* a, const IN6_ADDR* b) {
  return memcmp(a, b, sizeof(*a)) == 0;
}
#define IN6_ARE_ADDR_EQUAL IN6_ADDR_EQUAL
ORIEL_WIN_INLINE int IN4_ADDR_EQUAL(const IN_ADDR* a, const IN_ADDR* b) {
  return a->s_addr == b->s_addr;
}
ORIEL_WIN_INLINE int IN4_IS_ADDR_UNSPECIFIED(const IN_ADDR* a) {
  return a->s_addr == 0;
}
ORIEL_WIN_INLINE int IN4_IS_ADDR_LOOPBACK(const IN_ADDR* a) {
  return a->S_un.S_un_b.s_b1 == 127;
}
ORIEL_WIN_INLINE int IN4_IS_ADDR_MULTICAST(const IN_ADDR* a) {
  return (a->S_un.S_un_b.s_b1 & 0xf0) == 0xe0;
}
ORIEL_WIN_INLINE int IN6_IS_ADDR_UNSPECIFIED(const IN6_ADDR* a) {
  static const IN6_ADDR any = IN6ADDR_ANY_INIT;
  return IN6_ADDR_EQUAL(a, &any);
}
ORIEL_WIN_INLINE int IN6_IS_ADDR_LOOPBACK(const IN6_ADDR* a) {
  static const IN6_ADDR loopback = IN6ADDR_LOOPBACK_INIT;
  return IN6_ADDR_EQUAL(a, &loopback);
}
ORIEL_WIN_INLINE int IN6_IS_ADDR_MULTICAST(const IN6_ADDR* a) {
  return a->s6_bytes[0] == 0xff;
}
ORIEL_WIN_INLINE int IN6_IS_ADDR_LINKLOCAL(const IN6_ADDR* a) {
  return a->s6_bytes[0] == 0xfe && (a->s6_bytes[1] & 0xc0) == 0x80;
}
ORIEL_WIN_INLINE int IN6_IS_ADDR_SITELOCAL(const IN6_ADDR* a) {
  return a->s6_bytes[0] == 0xfe && (a->s6_bytes[1] & 0xc0) == 0xc0;
}
ORIEL_WIN_INLINE int IN6_IS_ADDR_V4MAPPED(const IN6_ADDR* a) {
  static const UCHAR prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return memcmp(a, prefix, sizeof(prefix)) == 0;
}
ORIEL_WIN_INLINE int IN6_IS_ADDR_V4COMPAT(const IN6_ADDR* a) {
  static const UCHAR prefix[12] = {0};
  return memcmp(a, prefix, sizeof(prefix)) == 0 && !IN6_IS_ADDR_UNSPECIFIED(a) &&
         !IN6_IS_ADDR_LOOPBACK(a);
}
ORIEL_WIN_INLINE const UCHAR* IN6_GET_ADDR_V4MAPPED(const IN6_ADDR* a) {
  return &a->s6_bytes[12];
}

ORIEL_WIN_INLINE void IN6_SET_ADDR_V4MAPPED(PIN6_ADDR to, const IN_ADDR* from) {
  memset(to, 0, 10);
  memset(&to->s6_bytes[10], 0xff, 2);
  memcpy(&to->s6_bytes[12], from, sizeof(*from));
}
ORIEL_WIN_INLINE void IN6ADDR_SETANY(PSOCKADDR_IN6 a) {
  memset(a, 0, sizeof(*a));
  a->sin6_family = AF_INET6;
}
ORIEL_WIN_INLINE void IN6ADDR_SETLOOPBACK(PSOCKADDR_IN6 a) {
  IN6ADDR_SETANY(a);
  a->sin6_addr.s6_bytes[15] = 1;
}
ORIEL_WIN_INLINE void IN6ADDR_SETV4MAPPED(PSOCKADDR_IN6 a, const IN_ADDR* from, SCOPE_ID scope,
                                          USHORT port) {
  a->sin6_family = AF_INET6;
  a->sin6_port = port;
  a->sin6_flowinfo = 0;
  IN6_SET_ADDR_V4MAPPED(&a->sin6_addr, from);
  a->sin6_scope_struct = scope;
}
ORIEL_WIN_INLINE int IN6ADDR_ISANY(const SOCKADDR_IN6* a) {
  return IN6_IS_ADDR_UNSPECIFIED(&a->sin6_addr);
}
ORIEL_WIN_INLINE int IN6ADDR_ISLOOPBACK(const SOCKADDR_IN6* a) {
  return IN6_IS_ADDR_LOOPBACK(&a->sin6_addr);
}
ORIEL_WIN_INLINE int IN6ADDR_ISV4MAPPED(const SOCKADDR_IN6* a) {
  return IN6_IS_ADDR_V4MAPPED(&a->sin6_addr);
}
ORIEL_WIN_INLINE void IN4ADDR_SETANY(PSOCKADDR_IN a) {
  memset(a, 0, sizeof(*a));
  a->sin_family = AF_INET;
}
ORIEL_WIN_INLINE void IN4ADDR_SETLOOPBACK(PSOCKADDR_IN a) {
  static const UCHAR loopback[4] = {127, 0, 0, 1};
  IN4ADDR_SETANY(a);
  memcpy(&a->sin_addr, loopback, sizeof(loopback));
}
ORIEL_WIN_INLINE int IN4ADDR_ISANY(const SOCKADDR_IN* a) {
  return IN4_IS_ADDR_UNSPECIFIED(&a->sin_addr);
}
ORIEL_WIN_INLINE int IN4ADDR_ISLOOPBACK(const SOCKADDR_IN* a) {
  return IN4_IS_ADDR_LOOPBACK(&a->sin_addr);
}

ORIEL_WIN_INLINE void INETADDR_SETANY(PSOCKADDR a) {
  if (a->sa_family == AF_INET6) {
    IN6ADDR_SETANY((PSOCKADDR_IN6)(void*)a);
  } else {
    IN4ADDR_SETANY((PSOCKADDR_IN)(void*)a);
  }
}
ORIEL_WIN_INLINE void INETADDR_SETLOOPBACK(PSOCKADDR a) {
  if (a->sa_family == AF_INET6) {
    IN6ADDR_SETLOOPBACK((PSOCKADDR_IN6)(void*)a);
  } else {
    IN4ADDR_SETLOOPBACK((PSOCKADDR_IN)(void*)a);
  }
}
ORIEL_WIN_INLINE int INETADDR_ISANY(const SOCKADDR* a) {
  return a->sa_family == AF_INET6 ? IN6ADDR_ISANY((const SOCKADDR_IN6*)(const void*)a)
                                  : IN4ADDR_ISANY((const SOCKADDR_IN*)(const void*)a);
}
ORIEL_WIN_INLINE int INETADDR_ISLOOPBACK(const SOCKADDR* a) {
  return a->sa_family == AF_INET6 ? IN6ADDR_ISLOOPBACK((const SOCKADDR_IN6*)(const void*)a)
                                  : IN4ADDR_ISLOOPBACK((const SOCKADDR_IN*)(const void*)a);
}
ORIEL_WIN_INLINE int INETADDR_ISV4MAPPED(const SOCKADDR* a) {
  return a->sa_family == AF_INET6 && IN6ADDR_ISV4MAPPED((const SOCKADDR_IN6*)(const void*)a);
}
ORIEL_WIN_INLINE USHORT INETADDR_PORT(const SOCKADDR* a) {
  return ((const SOCKADDR_IN*)(const void*)a)->sin_port;
}
ORIEL_WIN_INLINE void INETADDR_SET_PORT(PSOCKADDR a, USHORT port) {
  ((PSOCKADDR_IN)(void*)a)->sin_port = port;
}
ORIEL_WIN_INLINE UCHAR* INETADDR_ADDRESS(const SOCKADDR* a) {
  return a->sa_family == AF_INET6 ? (UCHAR*)&((PSOCKADDR_IN6)(void*)a)->sin6_addr
                                  : (UCHAR*)&((PSOCKADDR_IN)(void*)a)->sin_addr;
}
ORIEL_WIN_INLINE size_t INET_ADDR_LENGTH(ADDRESS_FAMILY family) {
  return family == AF_INET6 ? sizeof(IN6_ADDR) : family == AF_INET ? sizeof(IN_ADDR) : 0;
}
ORIEL_WIN_INLINE size_t INET_SOCKADDR_LENGTH(ADDRESS_FAMILY family) {
  return family == AF_INET6 ? sizeof(SOCKADDR_IN6) : family == AF_INET ? sizeof(SOCKADDR_IN) : 0;
}
#define SS_PORT(ss) (((PSOCKADDR_IN)(void*)(ss))->sin_port)

ORIEL_WIN_INLINE int idealsendbacklogquery(SOCKET s, ULONG* ideal) {
  DWORD bytes;
  return WSAIoctl(s, SIO_IDEAL_SEND_BACKLOG_QUERY, NULL, 0, ideal, sizeof(*ideal), &bytes, NULL,
                  NULL);
}
ORIEL_WIN_INLINE int idealsendbacklognotify(SOCKET s, LPWSAOVERLAPPED overlapped,
                                            LPWSAOVERLAPPED_COMPLETION_ROUTINE routine) {
  DWORD bytes;
  return WSAIoctl(s, SIO_IDEAL_SEND_BACKLOG_CHANGE, NULL, 0, NULL, 0, &bytes, overlapped, routine);
}

#endif
