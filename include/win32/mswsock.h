// Microsoft's extensions: AcceptEx, ConnectEx, DisconnectEx, TransmitFile, TransmitPackets,
// WSARecvMsg, WSASendMsg.
//
// Only what mswsock exports is declared; the rest comes by GUID through
// SIO_GET_EXTENSION_FUNCTION_POINTER, and programs like to give their pointers the plain names.
// Values and layouts: Windows SDK, mswsock.h.
#ifndef _MSWSOCK_
#define _MSWSOCK_

#include <mswsockdef.h>
#include <winsock2.h>

#define SO_CONNDATA 0x7000
#define SO_CONNOPT 0x7001
#define SO_DISCDATA 0x7002
#define SO_DISCOPT 0x7003
#define SO_OPENTYPE 0x7008
#define SO_SYNCHRONOUS_ALERT 0x10
#define SO_SYNCHRONOUS_NONALERT 0x20
#define SO_MAXDG 0x7009
#define SO_MAXPATHDG 0x700A

#define SIO_UDP_CONNRESET _WSAIOW(IOC_VENDOR, 12)
#define SIO_SOCKET_CLOSE_NOTIFY _WSAIOW(IOC_VENDOR, 13)
#define SIO_UDP_NETRESET _WSAIOW(IOC_VENDOR, 15)

#define TF_DISCONNECT 0x01
#define TF_REUSE_SOCKET 0x02
#define TF_WRITE_BEHIND 0x04
#define TF_USE_DEFAULT_WORKER 0x00
#define TF_USE_SYSTEM_THREAD 0x10
#define TF_USE_KERNEL_APC 0x20
#define DE_REUSE_SOCKET TF_REUSE_SOCKET
#define TP_ELEMENT_MEMORY 1
#define TP_ELEMENT_FILE 2
#define TP_ELEMENT_EOP 4
#define TP_DISCONNECT TF_DISCONNECT
#define TP_REUSE_SOCKET TF_REUSE_SOCKET
#define TP_USE_DEFAULT_WORKER TF_USE_DEFAULT_WORKER
#define TP_USE_SYSTEM_THREAD TF_USE_SYSTEM_THREAD
#define TP_USE_KERNEL_APC TF_USE_KERNEL_APC

typedef struct _TRANSMIT_FILE_BUFFERS {
  LPVOID Head;
  DWORD HeadLength;
  LPVOID Tail;
  DWORD TailLength;
} TRANSMIT_FILE_BUFFERS, *PTRANSMIT_FILE_BUFFERS, *LPTRANSMIT_FILE_BUFFERS;
typedef struct _TRANSMIT_PACKETS_ELEMENT {
  ULONG dwElFlags;
  ULONG cLength;
  __extension__ union {
    __extension__ struct {
      LARGE_INTEGER nFileOffset;
      HANDLE hFile;
    };
    PVOID pBuffer;
  };
} TRANSMIT_PACKETS_ELEMENT, *PTRANSMIT_PACKETS_ELEMENT, *LPTRANSMIT_PACKETS_ELEMENT;

ORIEL_WIN_BEGIN

BOOL PASCAL AcceptEx(SOCKET listener, SOCKET accepted, PVOID buffer, DWORD data_size,
                     DWORD local_size, DWORD remote_size, LPDWORD received, LPOVERLAPPED)
    ORIEL_WIN(AcceptEx);
VOID PASCAL GetAcceptExSockaddrs(PVOID buffer, DWORD data_size, DWORD local_size, DWORD remote_size,
                                 struct sockaddr** local, LPINT local_length,
                                 struct sockaddr** remote, LPINT remote_length)
    ORIEL_WIN(GetAcceptExSockaddrs);
BOOL PASCAL TransmitFile(SOCKET, HANDLE file, DWORD bytes, DWORD bytes_per_send, LPOVERLAPPED,
                         LPTRANSMIT_FILE_BUFFERS, DWORD flags) ORIEL_WIN(TransmitFile);
int PASCAL WSARecvEx(SOCKET, char* buffer, int size, int* flags) ORIEL_WIN(WSARecvEx);

ORIEL_WIN_END

typedef BOOL(PASCAL* LPFN_TRANSMITFILE)(SOCKET, HANDLE file, DWORD bytes, DWORD bytes_per_send,
                                        LPOVERLAPPED, LPTRANSMIT_FILE_BUFFERS, DWORD flags);
typedef BOOL(PASCAL* LPFN_ACCEPTEX)(SOCKET listener, SOCKET accepted, PVOID buffer, DWORD data_size,
                                    DWORD local_size, DWORD remote_size, LPDWORD received,
                                    LPOVERLAPPED);
typedef VOID(PASCAL* LPFN_GETACCEPTEXSOCKADDRS)(PVOID buffer, DWORD data_size, DWORD local_size,
                                                DWORD remote_size, struct sockaddr** local,
                                                LPINT local_length, struct sockaddr** remote,
                                                LPINT remote_length);
typedef BOOL(PASCAL* LPFN_TRANSMITPACKETS)(SOCKET, LPTRANSMIT_PACKETS_ELEMENT, DWORD count,
                                           DWORD send_size, LPOVERLAPPED, DWORD flags);
typedef BOOL(PASCAL* LPFN_CONNECTEX)(SOCKET, const struct sockaddr*, int length, PVOID data,
                                     DWORD size, LPDWORD sent, LPOVERLAPPED);
typedef BOOL(PASCAL* LPFN_DISCONNECTEX)(SOCKET, LPOVERLAPPED, DWORD flags, DWORD reserved);
typedef INT(PASCAL* LPFN_WSARECVMSG)(SOCKET, LPWSAMSG, LPDWORD received, LPWSAOVERLAPPED,
                                     LPWSAOVERLAPPED_COMPLETION_ROUTINE);
typedef INT(PASCAL* LPFN_WSASENDMSG)(SOCKET, LPWSAMSG, DWORD flags, LPDWORD sent, LPWSAOVERLAPPED,
                                     LPWSAOVERLAPPED_COMPLETION_ROUTINE);
typedef INT(WSAAPI* LPFN_WSAPOLL)(LPWSAPOLLFD, ULONG count, INT ms);

#define WSAID_TRANSMITFILE                           \
  {                                                  \
    0xb5367df0, 0xcbac, 0x11cf, {                    \
      0x95, 0xca, 0x00, 0x80, 0x5f, 0x48, 0xa1, 0x92 \
    }                                                \
  }
#define WSAID_ACCEPTEX                               \
  {                                                  \
    0xb5367df1, 0xcbac, 0x11cf, {                    \
      0x95, 0xca, 0x00, 0x80, 0x5f, 0x48, 0xa1, 0x92 \
    }                                                \
  }
#define WSAID_GETACCEPTEXSOCKADDRS                   \
  {                                                  \
    0xb5367df2, 0xcbac, 0x11cf, {                    \
      0x95, 0xca, 0x00, 0x80, 0x5f, 0x48, 0xa1, 0x92 \
    }                                                \
  }
#define WSAID_TRANSMITPACKETS                        \
  {                                                  \
    0xd9689da0, 0x1f90, 0x11d3, {                    \
      0x99, 0x71, 0x00, 0xc0, 0x4f, 0x68, 0xc8, 0x76 \
    }                                                \
  }
#define WSAID_CONNECTEX                              \
  {                                                  \
    0x25a207b9, 0xddf3, 0x4660, {                    \
      0x8e, 0xe9, 0x76, 0xe5, 0x8c, 0x74, 0x06, 0x3e \
    }                                                \
  }
#define WSAID_DISCONNECTEX                           \
  {                                                  \
    0x7fda2e11, 0x8630, 0x436f, {                    \
      0xa0, 0x31, 0xf5, 0x36, 0xa6, 0xee, 0xc1, 0x57 \
    }                                                \
  }
#define WSAID_WSARECVMSG                             \
  {                                                  \
    0xf689d7c8, 0x6f1f, 0x436b, {                    \
      0x8a, 0x53, 0xe5, 0x4f, 0xe3, 0x51, 0xc3, 0x22 \
    }                                                \
  }
#define WSAID_WSASENDMSG                             \
  {                                                  \
    0xa441e712, 0x754f, 0x43ca, {                    \
      0x84, 0xa7, 0x0d, 0xee, 0x44, 0xcf, 0x60, 0x6d \
    }                                                \
  }
#define WSAID_WSAPOLL                                \
  {                                                  \
    0x18c76f85, 0xdc66, 0x4964, {                    \
      0x97, 0x2e, 0x23, 0xc2, 0x72, 0x38, 0x31, 0x2b \
    }                                                \
  }
#define WSAID_MULTIPLE_RIO                           \
  {                                                  \
    0x8509e081, 0x96dd, 0x4005, {                    \
      0xb1, 0x65, 0x9e, 0x2e, 0xe8, 0xc7, 0x9e, 0x3f \
    }                                                \
  }

#endif
