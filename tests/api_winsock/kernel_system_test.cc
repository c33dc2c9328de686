// Memory, text, messages, version, modules, storage of threads: what programs ask on the way.
#include <windows.h>

#include <cstring>
#include <string>

#include "support/win_case.h"

namespace {

WIN_CASE(System, IsWindowsTen) {
  OSVERSIONINFOEXA info{};
  info.dwOSVersionInfoSize = sizeof info;
  CHECK(GetVersionExA(reinterpret_cast<LPOSVERSIONINFOA>(&info)));
  CHECK_EQ(info.dwMajorVersion, 10u);
  CHECK_EQ(info.dwMinorVersion, 0u);
  info = {};
  info.dwMajorVersion = 6;
  info.dwMinorVersion = 2;
  DWORDLONG mask = VerSetConditionMask(0, VER_MAJORVERSION, VER_GREATER_EQUAL);
  mask = VerSetConditionMask(mask, VER_MINORVERSION, VER_GREATER_EQUAL);
  CHECK(VerifyVersionInfoA(&info, VER_MAJORVERSION | VER_MINORVERSION, mask));
  info.dwMajorVersion = 11;
  CHECK(!VerifyVersionInfoA(&info, VER_MAJORVERSION | VER_MINORVERSION, mask));
  CHECK_EQ(GetLastError(), ERROR_OLD_WIN_VERSION);
}

WIN_CASE(System, ModulesGiveOurFunctions) {
  const HMODULE kernel = GetModuleHandleW(L"KERNEL32.DLL");
  REQUIRE(kernel != nullptr);
  CHECK_EQ(LoadLibraryA("kernel32"), kernel);
  CHECK_EQ(reinterpret_cast<void*>(GetProcAddress(kernel, "CancelIoEx")),
           reinterpret_cast<void*>(&CancelIoEx));
  CHECK_EQ(reinterpret_cast<void*>(GetProcAddress(kernel, "NoSuchFunction")),
           static_cast<void*>(nullptr));
  CHECK_EQ(GetLastError(), ERROR_PROC_NOT_FOUND);
  CHECK_EQ(LoadLibraryA("nosuch.dll"), static_cast<HMODULE>(nullptr));
  CHECK_EQ(GetLastError(), ERROR_MOD_NOT_FOUND);
  CHECK(GetModuleHandleA("C:\\Windows\\System32\\ws2_32.dll") != nullptr);
  CHECK(FreeLibrary(kernel));
}

WIN_CASE(System, MessagesOfErrors) {
  char* text = nullptr;
  const DWORD flags =
      FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS;
  const DWORD length =
      FormatMessageA(flags, nullptr, WSAECONNRESET, 0, reinterpret_cast<LPSTR>(&text), 0, nullptr);
  REQUIRE(length > 2);
  CHECK_EQ(std::string(text), std::string("The peer reset the connection.\r\n"));
  CHECK_EQ(LocalFree(text), static_cast<HLOCAL>(nullptr));
  char small[4];
  CHECK_EQ(FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM, nullptr, 5, 0, small, 4, nullptr), 0u);
  CHECK_EQ(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
  wchar_t wide[64];
  CHECK_EQ(FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM, nullptr, 99999, 0, wide, 64, nullptr), 0u);
  CHECK_EQ(GetLastError(), 317u);
  char made[64];
  const ULONG_PTR inserts[] = {reinterpret_cast<ULONG_PTR>("oriel"), 7};
  FormatMessageA(FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_ARGUMENT_ARRAY, "%1 has %2!d!%%", 0, 0,
                 made, 64, reinterpret_cast<va_list*>(const_cast<ULONG_PTR*>(inserts)));
  CHECK_EQ(std::string(made), std::string("oriel has 7%"));
}

WIN_CASE(System, TextConverts) {
  wchar_t wide[8];
  CHECK_EQ(MultiByteToWideChar(CP_UTF8, 0, "\xE2\x82\xAC\xF0\x9F\x98\x80", -1, wide, 8), 3);
  CHECK_EQ(static_cast<unsigned>(wide[0]), 0x20ACu);
  CHECK_EQ(static_cast<unsigned>(wide[1]), 0x1F600u);
  CHECK_EQ(MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, "\xC0\x80", -1, wide, 8), 0);
  CHECK_EQ(GetLastError(), ERROR_NO_UNICODE_TRANSLATION);
  CHECK_EQ(MultiByteToWideChar(CP_ACP, 0, "abc", 3, nullptr, 0), 3);
  char text[4];
  CHECK_EQ(WideCharToMultiByte(CP_UTF8, 0, L"\x20AC", 1, text, 2, nullptr, nullptr), 0);
  CHECK_EQ(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
  CHECK_EQ(WideCharToMultiByte(CP_UTF8, 0, L"\x20AC", -1, text, 4, nullptr, nullptr), 4);
  CHECK_EQ(lstrlenA(nullptr), 0);
}

WIN_CASE(System, HeapsKeepSizesAndContents) {
  const HANDLE heap = HeapCreate(0, 0, 0);
  auto* memory = static_cast<char*>(HeapAlloc(heap, HEAP_ZERO_MEMORY, 10));
  REQUIRE(memory != nullptr);
  CHECK_EQ(memory[9], 0);
  std::strcpy(memory, "contents");
  memory = static_cast<char*>(HeapReAlloc(heap, HEAP_ZERO_MEMORY, memory, 100));
  CHECK_EQ(std::string(memory), std::string("contents"));
  CHECK_EQ(memory[99], 0);
  CHECK_EQ(HeapSize(heap, 0, memory), SIZE_T{100});
  CHECK(HeapDestroy(heap));
  auto* pages =
      static_cast<char*>(VirtualAlloc(nullptr, 10000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
  REQUIRE(pages != nullptr);
  pages[9999] = 1;
  CHECK(!VirtualFree(pages, 1, MEM_RELEASE));
  CHECK(VirtualFree(pages, 0, MEM_RELEASE));
  CHECK(!VirtualFree(pages, 0, MEM_RELEASE));
}

DWORD WINAPI reads_slot(LPVOID slot) {
  return TlsGetValue(static_cast<DWORD>(reinterpret_cast<ULONG_PTR>(slot))) == nullptr;
}

WIN_CASE(System, SlotsBelongToThreads) {
  const DWORD slot = TlsAlloc();
  REQUIRE(slot != TLS_OUT_OF_INDEXES);
  int value = 0;
  CHECK(TlsSetValue(slot, &value));
  HANDLE thread =
      CreateThread(nullptr, 0, reads_slot, reinterpret_cast<LPVOID>(ULONG_PTR{slot}), 0, nullptr);
  WaitForSingleObject(thread, INFINITE);
  DWORD is_null = 0;
  GetExitCodeThread(thread, &is_null);
  CHECK_EQ(is_null, 1u);
  CloseHandle(thread);
  CHECK_EQ(TlsGetValue(slot), static_cast<LPVOID>(&value));
  CHECK(TlsFree(slot));
  CHECK(!TlsFree(slot));
  const DWORD again = TlsAlloc();
  CHECK_EQ(TlsGetValue(again), static_cast<LPVOID>(nullptr));
  TlsFree(again);
}

WIN_CASE(System, TimesAgree) {
  SYSTEMTIME time{};
  time.wYear = 2024;
  time.wMonth = 2;
  time.wDay = 29;
  time.wHour = 23;
  time.wMilliseconds = 7;
  FILETIME units;
  REQUIRE(SystemTimeToFileTime(&time, &units));
  SYSTEMTIME back{};
  REQUIRE(FileTimeToSystemTime(&units, &back));
  CHECK_EQ(back.wDay, 29);
  CHECK_EQ(back.wHour, 23);
  CHECK_EQ(back.wMilliseconds, 7);
  CHECK_EQ(back.wDayOfWeek, 4);  // a Thursday
  LARGE_INTEGER first, second, hz;
  CHECK(QueryPerformanceFrequency(&hz));
  QueryPerformanceCounter(&first);
  QueryPerformanceCounter(&second);
  CHECK_GE(second.QuadPart, first.QuadPart);
  CHECK_GT(hz.QuadPart, 0);
  CHECK_EQ(GetTickCount64() > 0, true);
}

WIN_CASE(System, EnvironmentAndStandardHandles) {
  CHECK(SetEnvironmentVariableA("ORIEL_KERNEL_TEST", "some value"));
  wchar_t wide[16];
  CHECK_EQ(GetEnvironmentVariableW(L"ORIEL_KERNEL_TEST", wide, 16), 10u);
  char small[4];
  CHECK_EQ(GetEnvironmentVariableA("ORIEL_KERNEL_TEST", small, 4), 11u);
  CHECK(SetEnvironmentVariableA("ORIEL_KERNEL_TEST", nullptr));
  CHECK_EQ(GetEnvironmentVariableA("ORIEL_KERNEL_TEST", small, 4), 0u);
  CHECK_EQ(GetLastError(), 203u);
  CHECK_NE(GetStdHandle(STD_OUTPUT_HANDLE), INVALID_HANDLE_VALUE);
  CHECK_EQ(GetStdHandle(5), INVALID_HANDLE_VALUE);
}

}  // namespace
