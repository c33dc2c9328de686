// Completion ports as a program uses them, and files as what requests are issued on.
#include <windows.h>

#include <cstring>
#include <string>

#include "support/win_case.h"

namespace {

struct TemporaryFile {
  TemporaryFile() {
    char folder[MAX_PATH];
    GetTempPathA(sizeof folder, folder);
    GetTempFileNameA(folder, "ori", 0, name);
    handle = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, nullptr, OPEN_EXISTING,
                         FILE_FLAG_OVERLAPPED, nullptr);
  }
  ~TemporaryFile() {
    CloseHandle(handle);
    DeleteFileA(name);
  }
  char name[MAX_PATH] = {};
  HANDLE handle;
};

struct Packet {
  DWORD bytes = 99;
  ULONG_PTR key = 99;
  LPOVERLAPPED overlapped = nullptr;
  BOOL get(HANDLE port, DWORD ms) {
    return GetQueuedCompletionStatus(port, &bytes, &key, &overlapped, ms);
  }
};

WIN_CASE(Ports, PostedPacketsComeBackInOrder) {
  const HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 0);
  REQUIRE(port != nullptr);
  OVERLAPPED overlapped{};
  CHECK(PostQueuedCompletionStatus(port, 5, 1, &overlapped));
  CHECK(PostQueuedCompletionStatus(port, 6, 2, nullptr));
  Packet packet;
  CHECK(packet.get(port, INFINITE));
  CHECK_EQ(packet.bytes, 5u);
  CHECK_EQ(packet.key, ULONG_PTR{1});
  CHECK_EQ(packet.overlapped, &overlapped);
  OVERLAPPED_ENTRY entries[4];
  ULONG removed = 0;
  CHECK(GetQueuedCompletionStatusEx(port, entries, 4, &removed, 0, FALSE));
  CHECK_EQ(removed, 1u);
  CHECK_EQ(entries[0].lpCompletionKey, ULONG_PTR{2});
  CHECK(!packet.get(port, 0));
  CHECK_EQ(packet.overlapped, nullptr);
  CHECK_EQ(GetLastError(), WAIT_TIMEOUT);
  CHECK(CloseHandle(port));
}

WIN_CASE(Ports, BadArgumentsAndHandles) {
  const HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 0);
  CHECK_EQ(CreateIoCompletionPort(INVALID_HANDLE_VALUE, port, 0, 0), nullptr);
  CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
  CHECK_EQ(CreateIoCompletionPort(nullptr, port, 0, 0), nullptr);
  CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
  ULONG removed = 0;
  OVERLAPPED_ENTRY entry;
  CHECK(!GetQueuedCompletionStatusEx(port, &entry, 0, &removed, 0, FALSE));
  CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
  CloseHandle(port);
  Packet packet;
  CHECK(!packet.get(port, 0));
  CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
  CHECK(!PostQueuedCompletionStatus(port, 0, 0, nullptr));
  CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
}

DWORD WINAPI waits_at_port(LPVOID port) {
  Packet packet;
  return packet.get(port, INFINITE) ? 0 : GetLastError();
}

WIN_CASE(Ports, CloseEndsWaits) {
  const HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 0);
  HANDLE thread = CreateThread(nullptr, 0, waits_at_port, port, 0, nullptr);
  // Either it waits already, or it will find no such handle.
  CloseHandle(port);
  WaitForSingleObject(thread, INFINITE);
  DWORD code = 0;
  GetExitCodeThread(thread, &code);
  CHECK(code == ERROR_ABANDONED_WAIT_0 || code == ERROR_INVALID_HANDLE);
  CloseHandle(thread);
}

void CALLBACK do_nothing(ULONG_PTR) {}

WIN_CASE(Ports, AlertableWaitRunsApcs) {
  const HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 1);
  QueueUserAPC(do_nothing, GetCurrentThread(), 0);
  OVERLAPPED_ENTRY entry;
  ULONG removed = 0;
  CHECK(!GetQueuedCompletionStatusEx(port, &entry, 1, &removed, INFINITE, TRUE));
  CHECK_EQ(GetLastError(), WAIT_IO_COMPLETION);
  CloseHandle(port);
}

WIN_CASE(Ports, FileAssociatesOnceAndSkipsWhenAsked) {
  TemporaryFile file;
  REQUIRE(file.handle != INVALID_HANDLE_VALUE);
  const HANDLE port = CreateIoCompletionPort(file.handle, nullptr, 7, 0);
  REQUIRE(port != nullptr);
  CHECK_EQ(CreateIoCompletionPort(file.handle, port, 8, 0), nullptr);
  CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
  OVERLAPPED overlapped{};
  DWORD bytes = 0;
  CHECK(WriteFile(file.handle, "0123456789", 10, &bytes, &overlapped));
  Packet packet;
  CHECK(packet.get(port, INFINITE));
  CHECK_EQ(packet.bytes, 10u);
  CHECK_EQ(packet.key, ULONG_PTR{7});
  CHECK_EQ(packet.overlapped, &overlapped);
  CHECK(SetFileCompletionNotificationModes(file.handle, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS));
  overlapped.Offset = 4;
  char text[16] = {};
  CHECK(ReadFile(file.handle, text, 16, nullptr, &overlapped));
  CHECK(!packet.get(port, 0));
  CHECK(GetOverlappedResult(file.handle, &overlapped, &bytes, TRUE));
  CHECK_EQ(bytes, 6u);
  CHECK_EQ(std::string(text), std::string("456789"));
  overlapped.Offset = 10;
  CHECK(!ReadFile(file.handle, text, 16, nullptr, &overlapped));
  CHECK_EQ(GetLastError(), ERROR_HANDLE_EOF);
  CHECK(!CancelIoEx(file.handle, nullptr));
  CHECK_EQ(GetLastError(), ERROR_NOT_FOUND);
  CHECK(CancelIo(file.handle));
  CHECK(!CancelIo(port));
  CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
  CloseHandle(port);
}

WIN_CASE(Files, PositionSizeAndErrors) {
  char name[MAX_PATH];
  {
    TemporaryFile file;
    std::strcpy(name, file.name);
    const HANDLE h =
        CreateFileW(L"/nowhere/at/all", GENERIC_READ, 0, nullptr, OPEN_EXISTING, 0, nullptr);
    CHECK_EQ(h, INVALID_HANDLE_VALUE);
    CHECK_EQ(GetLastError(), ERROR_FILE_NOT_FOUND);
    const HANDLE other =
        CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, nullptr, OPEN_ALWAYS, 0, nullptr);
    CHECK_EQ(GetLastError(), ERROR_ALREADY_EXISTS);
    DWORD bytes = 0;
    CHECK(WriteFile(other, "abcdef", 6, &bytes, nullptr));
    CHECK_EQ(SetFilePointer(other, -2, nullptr, FILE_END), 4u);
    char text[8] = {};
    CHECK(ReadFile(other, text, 8, &bytes, nullptr));
    CHECK_EQ(bytes, 2u);
    CHECK(ReadFile(other, text, 8, &bytes, nullptr));
    CHECK_EQ(bytes, 0u);
    CHECK_EQ(GetFileSize(other, nullptr), 6u);
    CHECK_EQ(GetFileType(other), FILE_TYPE_DISK);
    CHECK(FlushFileBuffers(other));
    CloseHandle(other);
    CHECK(!ReadFile(other, text, 8, &bytes, nullptr));
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
  }
  CHECK_EQ(GetFileAttributesA(name), INVALID_FILE_ATTRIBUTES);
}

}  // namespace
