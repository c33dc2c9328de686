// Files, as TransmitFile and ordinary programs need them.
// Prototypes: Microsoft Learn, fileapi.h.
#ifndef _APISETFILE_
#define _APISETFILE_

#include <minwinbase.h>

#define CREATE_NEW 1
#define CREATE_ALWAYS 2
#define OPEN_EXISTING 3
#define OPEN_ALWAYS 4
#define TRUNCATE_EXISTING 5
#define FILE_BEGIN 0
#define FILE_CURRENT 1
#define FILE_END 2
#define FILE_FLAG_WRITE_THROUGH 0x80000000
#define FILE_FLAG_OVERLAPPED 0x40000000
#define FILE_FLAG_NO_BUFFERING 0x20000000
#define FILE_FLAG_RANDOM_ACCESS 0x10000000
#define FILE_FLAG_SEQUENTIAL_SCAN 0x08000000
#define FILE_FLAG_DELETE_ON_CLOSE 0x04000000
#define INVALID_FILE_SIZE ((DWORD)0xFFFFFFFF)
#define INVALID_SET_FILE_POINTER ((DWORD)0xFFFFFFFF)
#define INVALID_FILE_ATTRIBUTES ((DWORD)0xFFFFFFFF)
#define FILE_TYPE_UNKNOWN 0x0000
#define FILE_TYPE_DISK 0x0001
#define FILE_TYPE_CHAR 0x0002
#define FILE_TYPE_PIPE 0x0003

ORIEL_WIN_BEGIN

HANDLE WINAPI CreateFileA(LPCSTR name, DWORD access, DWORD share, LPSECURITY_ATTRIBUTES,
                          DWORD disposition, DWORD flags, HANDLE like) ORIEL_WIN(CreateFileA);
HANDLE WINAPI CreateFileW(LPCWSTR name, DWORD access, DWORD share, LPSECURITY_ATTRIBUTES,
                          DWORD disposition, DWORD flags, HANDLE like) ORIEL_WIN(CreateFileW);
BOOL WINAPI ReadFile(HANDLE, LPVOID buffer, DWORD size, LPDWORD read, LPOVERLAPPED)
    ORIEL_WIN(ReadFile);
BOOL WINAPI WriteFile(HANDLE, LPCVOID buffer, DWORD size, LPDWORD written, LPOVERLAPPED)
    ORIEL_WIN(WriteFile);
BOOL WINAPI FlushFileBuffers(HANDLE) ORIEL_WIN(FlushFileBuffers);
DWORD WINAPI SetFilePointer(HANDLE, LONG distance, PLONG distance_high, DWORD method)
    ORIEL_WIN(SetFilePointer);
BOOL WINAPI SetFilePointerEx(HANDLE, LARGE_INTEGER distance, PLARGE_INTEGER position, DWORD method)
    ORIEL_WIN(SetFilePointerEx);
BOOL WINAPI SetEndOfFile(HANDLE) ORIEL_WIN(SetEndOfFile);
DWORD WINAPI GetFileSize(HANDLE, LPDWORD high) ORIEL_WIN(GetFileSize);
BOOL WINAPI GetFileSizeEx(HANDLE, PLARGE_INTEGER size) ORIEL_WIN(GetFileSizeEx);
DWORD WINAPI GetFileType(HANDLE) ORIEL_WIN(GetFileType);
BOOL WINAPI DeleteFileA(LPCSTR name) ORIEL_WIN(DeleteFileA);
BOOL WINAPI DeleteFileW(LPCWSTR name) ORIEL_WIN(DeleteFileW);
DWORD WINAPI GetFileAttributesA(LPCSTR name) ORIEL_WIN(GetFileAttributesA);
DWORD WINAPI GetFileAttributesW(LPCWSTR name) ORIEL_WIN(GetFileAttributesW);
DWORD WINAPI GetTempPathA(DWORD size, LPSTR buffer) ORIEL_WIN(GetTempPathA);
DWORD WINAPI GetTempPathW(DWORD size, LPWSTR buffer) ORIEL_WIN(GetTempPathW);
UINT WINAPI GetTempFileNameA(LPCSTR path, LPCSTR prefix, UINT unique, LPSTR name)
    ORIEL_WIN(GetTempFileNameA);
UINT WINAPI GetTempFileNameW(LPCWSTR path, LPCWSTR prefix, UINT unique, LPWSTR name)
    ORIEL_WIN(GetTempFileNameW);

ORIEL_WIN_END

#define CreateFile ORIEL_WIN_AW(CreateFile)
#define DeleteFile ORIEL_WIN_AW(DeleteFile)
#define GetFileAttributes ORIEL_WIN_AW(GetFileAttributes)
#define GetTempPath ORIEL_WIN_AW(GetTempPath)
#define GetTempFileName ORIEL_WIN_AW(GetTempFileName)

#endif
