// The standard handles and the console.
// Prototypes: Microsoft Learn, processenv.h and consoleapi.h.
#ifndef _APISETCONSOLE_
#define _APISETCONSOLE_

#include <minwinbase.h>

#define STD_INPUT_HANDLE ((DWORD)-10)
#define STD_OUTPUT_HANDLE ((DWORD)-11)
#define STD_ERROR_HANDLE ((DWORD)-12)
#define CTRL_C_EVENT 0
#define CTRL_BREAK_EVENT 1
#define CTRL_CLOSE_EVENT 2
#define CTRL_LOGOFF_EVENT 5
#define CTRL_SHUTDOWN_EVENT 6

typedef BOOL(WINAPI* PHANDLER_ROUTINE)(DWORD event);

ORIEL_WIN_BEGIN

HANDLE WINAPI GetStdHandle(DWORD which) ORIEL_WIN(GetStdHandle);
BOOL WINAPI WriteConsoleA(HANDLE, const VOID* text, DWORD size, LPDWORD written, LPVOID reserved)
    ORIEL_WIN(WriteConsoleA);
BOOL WINAPI WriteConsoleW(HANDLE, const VOID* text, DWORD size, LPDWORD written, LPVOID reserved)
    ORIEL_WIN(WriteConsoleW);
BOOL WINAPI GetConsoleMode(HANDLE, LPDWORD mode) ORIEL_WIN(GetConsoleMode);
BOOL WINAPI SetConsoleMode(HANDLE, DWORD mode) ORIEL_WIN(SetConsoleMode);
BOOL WINAPI SetConsoleCtrlHandler(PHANDLER_ROUTINE, BOOL add) ORIEL_WIN(SetConsoleCtrlHandler);
BOOL WINAPI GenerateConsoleCtrlEvent(DWORD event, DWORD group) ORIEL_WIN(GenerateConsoleCtrlEvent);
BOOL WINAPI SetConsoleTitleA(LPCSTR) ORIEL_WIN(SetConsoleTitleA);
BOOL WINAPI SetConsoleTitleW(LPCWSTR) ORIEL_WIN(SetConsoleTitleW);
LPSTR WINAPI GetCommandLineA(VOID) ORIEL_WIN(GetCommandLineA);
LPWSTR WINAPI GetCommandLineW(VOID) ORIEL_WIN(GetCommandLineW);
DWORD WINAPI GetEnvironmentVariableA(LPCSTR name, LPSTR value, DWORD size)
    ORIEL_WIN(GetEnvironmentVariableA);
DWORD WINAPI GetEnvironmentVariableW(LPCWSTR name, LPWSTR value, DWORD size)
    ORIEL_WIN(GetEnvironmentVariableW);
BOOL WINAPI SetEnvironmentVariableA(LPCSTR name, LPCSTR value) ORIEL_WIN(SetEnvironmentVariableA);
BOOL WINAPI SetEnvironmentVariableW(LPCWSTR name, LPCWSTR value) ORIEL_WIN(SetEnvironmentVariableW);

ORIEL_WIN_END

#define WriteConsole ORIEL_WIN_AW(WriteConsole)
#define SetConsoleTitle ORIEL_WIN_AW(SetConsoleTitle)
#define GetCommandLine ORIEL_WIN_AW(GetCommandLine)
#define GetEnvironmentVariable ORIEL_WIN_AW(GetEnvironmentVariable)
#define SetEnvironmentVariable ORIEL_WIN_AW(SetEnvironmentVariable)

#endif
