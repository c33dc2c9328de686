// Named and unnamed pipes: declared because network libraries carry them beside their sockets;
// every call here fails with ERROR_NOT_SUPPORTED. Prototypes: Microsoft Learn, namedpipeapi.h and
// winbase.h.
#ifndef _NAMEDPIPE_H_
#define _NAMEDPIPE_H_

#include <minwinbase.h>

#define PIPE_ACCESS_INBOUND 0x00000001
#define PIPE_ACCESS_OUTBOUND 0x00000002
#define PIPE_ACCESS_DUPLEX 0x00000003
#define PIPE_TYPE_BYTE 0x00000000
#define PIPE_TYPE_MESSAGE 0x00000004
#define PIPE_READMODE_BYTE 0x00000000
#define PIPE_READMODE_MESSAGE 0x00000002
#define PIPE_WAIT 0x00000000
#define PIPE_NOWAIT 0x00000001
#define PIPE_REJECT_REMOTE_CLIENTS 0x00000008
#define PIPE_UNLIMITED_INSTANCES 255

ORIEL_WIN_BEGIN

BOOL WINAPI CreatePipe(PHANDLE read, PHANDLE write, LPSECURITY_ATTRIBUTES, DWORD bytes)
    ORIEL_WIN(CreatePipe);
HANDLE WINAPI CreateNamedPipeA(LPCSTR name, DWORD open_mode, DWORD pipe_mode, DWORD instances_max,
                               DWORD out_bytes, DWORD in_bytes, DWORD timeout_ms,
                               LPSECURITY_ATTRIBUTES) ORIEL_WIN(CreateNamedPipeA);
HANDLE WINAPI CreateNamedPipeW(LPCWSTR name, DWORD open_mode, DWORD pipe_mode, DWORD instances_max,
                               DWORD out_bytes, DWORD in_bytes, DWORD timeout_ms,
                               LPSECURITY_ATTRIBUTES) ORIEL_WIN(CreateNamedPipeW);
BOOL WINAPI ConnectNamedPipe(HANDLE, LPOVERLAPPED) ORIEL_WIN(ConnectNamedPipe);
BOOL WINAPI DisconnectNamedPipe(HANDLE) ORIEL_WIN(DisconnectNamedPipe);

ORIEL_WIN_END

#define CreateNamedPipe ORIEL_WIN_AW(CreateNamedPipe)

#endif
