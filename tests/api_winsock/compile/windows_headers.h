// Every header that a Winsock program includes, in some order, in some spelling.
#include <WinSock2.h>
#include <Windows.h>
#include <Ws2tcpip.h>
#include <iphlpapi.h>
#include <mstcpip.h>
#include <mswsock.h>
#include <netiodef.h>
#include <process.h>
#include <strsafe.h>
#include <tchar.h>
#include <winsock.h>
#include <ws2spi.h>
