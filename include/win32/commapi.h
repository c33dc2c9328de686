// Serial ports: declared because network libraries carry a serial port beside their sockets; every
// call here fails with ERROR_NOT_SUPPORTED. Layout and prototypes: Microsoft Learn, winbase.h.
#ifndef _COMMAPI_H_
#define _COMMAPI_H_

#include <minwinbase.h>

#define NOPARITY 0
#define ODDPARITY 1
#define EVENPARITY 2
#define MARKPARITY 3
#define SPACEPARITY 4
#define ONESTOPBIT 0
#define ONE5STOPBITS 1
#define TWOSTOPBITS 2
#define CBR_9600 9600
#define CBR_115200 115200
#define DTR_CONTROL_DISABLE 0
#define DTR_CONTROL_ENABLE 1
#define DTR_CONTROL_HANDSHAKE 2
#define RTS_CONTROL_DISABLE 0
#define RTS_CONTROL_ENABLE 1
#define RTS_CONTROL_HANDSHAKE 2
#define RTS_CONTROL_TOGGLE 3

typedef struct _DCB {
  DWORD DCBlength;
  DWORD BaudRate;
  DWORD fBinary : 1;
  DWORD fParity : 1;
  DWORD fOutxCtsFlow : 1;
  DWORD fOutxDsrFlow : 1;
  DWORD fDtrControl : 2;
  DWORD fDsrSensitivity : 1;
  DWORD fTXContinueOnXoff : 1;
  DWORD fOutX : 1;
  DWORD fInX : 1;
  DWORD fErrorChar : 1;
  DWORD fNull : 1;
  DWORD fRtsControl : 2;
  DWORD fAbortOnError : 1;
  DWORD fDummy2 : 17;
  WORD wReserved;
  WORD XonLim;
  WORD XoffLim;
  BYTE ByteSize;
  BYTE Parity;
  BYTE StopBits;
  char XonChar;
  char XoffChar;
  char ErrorChar;
  char EofChar;
  char EvtChar;
  WORD wReserved1;
} DCB, *LPDCB;

typedef struct _COMMTIMEOUTS {
  DWORD ReadIntervalTimeout;
  DWORD ReadTotalTimeoutMultiplier;
  DWORD ReadTotalTimeoutConstant;
  DWORD WriteTotalTimeoutMultiplier;
  DWORD WriteTotalTimeoutConstant;
} COMMTIMEOUTS, *LPCOMMTIMEOUTS;

ORIEL_WIN_BEGIN

BOOL WINAPI GetCommState(HANDLE, LPDCB) ORIEL_WIN(GetCommState);
BOOL WINAPI SetCommState(HANDLE, LPDCB) ORIEL_WIN(SetCommState);
BOOL WINAPI GetCommTimeouts(HANDLE, LPCOMMTIMEOUTS) ORIEL_WIN(GetCommTimeouts);
BOOL WINAPI SetCommTimeouts(HANDLE, LPCOMMTIMEOUTS) ORIEL_WIN(SetCommTimeouts);

ORIEL_WIN_END

#endif
