// Modules by name: this library stands for kernel32, ws2_32, mswsock, iphlpapi and their like.
//
// A function is found as oriel_NAME: by the dynamic linker, or in the table of exported names for a
// program that linked the library statically and so shows the dynamic linker nothing.
#include <dlfcn.h>
#include <libloaderapi.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <string>

#include "win32/arguments.h"
#include "win32/exports.h"
#include "win32/last_error.h"
#include "win32/utf8.h"

using namespace oriel;
using namespace oriel::win32;

namespace {

struct Module {
  const char* name;
};

// The program itself comes first.
Module modules[] = {{""},           {"kernel32"}, {"ws2_32"},  {"mswsock"}, {"iphlpapi"},
                    {"kernelbase"}, {"ntdll"},    {"wsock32"}, {"winmm"},   {"msvcrt"}};

HMODULE handle_of(Module& module) {
  return reinterpret_cast<HMODULE>(&module);
}

Module* module_of(HMODULE handle) {
  if (handle == nullptr) return &modules[0];
  for (Module& module : modules) {
    if (handle_of(module) == handle) return &module;
  }
  return nullptr;
}

/// "C:\\Windows\\System32\\WS2_32.DLL" is ws2_32.
HMODULE find_module(std::string name) {
  const auto folder = name.find_last_of("\\/");
  if (folder != std::string::npos) name.erase(0, folder + 1);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (name.ends_with(".dll")) name.resize(name.size() - 4);
  for (Module& module : modules) {
    if (!name.empty() && name == module.name) return handle_of(module);
  }
  return fail_with<HMODULE>(ERROR_MOD_NOT_FOUND, nullptr);
}

std::string program_path() {
  char path[4096];
  const ssize_t length = ::readlink("/proc/self/exe", path, sizeof path);
  return std::string(path, length < 0 ? 0 : static_cast<std::size_t>(length));
}

std::string path_of(HMODULE handle) {
  const Module* module = module_of(handle);
  if (module == nullptr) return fail_with(ERROR_MOD_NOT_FOUND, std::string());
  if (module == &modules[0]) return program_path();
  return std::string("C:\\Windows\\System32\\") + module->name + ".dll";
}

template <class Character>
DWORD give_path(const std::basic_string<Character>& path, Character* name, DWORD size) {
  if (path.empty() || name == nullptr || size == 0) return 0;
  if (path.size() < size) {
    set_last_error(ERROR_SUCCESS);
    return give_text(path, name, size);
  }
  give_text(path.substr(0, size - 1), name, size);
  return fail_with(ERROR_INSUFFICIENT_BUFFER, size);
}

}  // namespace

HMODULE GetModuleHandleA(LPCSTR name) {
  return name == nullptr ? handle_of(modules[0]) : find_module(name);
}

HMODULE GetModuleHandleW(LPCWSTR name) {
  return name == nullptr ? handle_of(modules[0]) : find_module(narrow(name));
}

BOOL GetModuleHandleExA(DWORD flags, LPCSTR name, HMODULE* module) {
  if (module == nullptr) return fail_with(ERROR_INVALID_PARAMETER, FALSE);
  const bool is_address = (flags & GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS) != 0;
  *module = is_address ? handle_of(modules[0]) : GetModuleHandleA(name);
  return *module != nullptr ? TRUE : FALSE;
}

BOOL GetModuleHandleExW(DWORD flags, LPCWSTR name, HMODULE* module) {
  const bool is_address = (flags & GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS) != 0;
  if (is_address || name == nullptr) return GetModuleHandleExA(flags, nullptr, module);
  return GetModuleHandleExA(flags, narrow(name).c_str(), module);
}

HMODULE LoadLibraryA(LPCSTR name) {
  if (name == nullptr) return fail_with<HMODULE>(ERROR_INVALID_PARAMETER, nullptr);
  return find_module(name);
}

HMODULE LoadLibraryW(LPCWSTR name) {
  if (name == nullptr) return fail_with<HMODULE>(ERROR_INVALID_PARAMETER, nullptr);
  return find_module(narrow(name));
}

HMODULE LoadLibraryExA(LPCSTR name, HANDLE, DWORD) {
  return LoadLibraryA(name);
}

HMODULE LoadLibraryExW(LPCWSTR name, HANDLE, DWORD) {
  return LoadLibraryW(name);
}

BOOL FreeLibrary(HMODULE module) {
  const bool is_known = module != nullptr && module_of(module) != nullptr;
  return is_known ? TRUE : fail_with(ERROR_INVALID_HANDLE, FALSE);
}

DWORD GetModuleFileNameA(HMODULE module, LPSTR name, DWORD size) {
  return give_path(path_of(module), name, size);
}

DWORD GetModuleFileNameW(HMODULE module, LPWSTR name, DWORD size) {
  return give_path(widen(path_of(module)), name, size);
}

FARPROC GetProcAddress(HMODULE handle, LPCSTR name) {
  const Module* module = module_of(handle);
  if (module == nullptr) return fail_with<FARPROC>(ERROR_INVALID_HANDLE, nullptr);
  // Numbers below 64 Ki are ordinals, which nobody should know.
  if (reinterpret_cast<std::uintptr_t>(name) < 0x10000) {
    return fail_with<FARPROC>(ERROR_PROC_NOT_FOUND, nullptr);
  }
  void* found = find_export(name);
  if (found == nullptr && module != &modules[0]) {
    found = ::dlsym(RTLD_DEFAULT, ("oriel_" + std::string(name)).c_str());
  }
  if (found == nullptr && module == &modules[0]) found = ::dlsym(RTLD_DEFAULT, name);
  if (found == nullptr) return fail_with<FARPROC>(ERROR_PROC_NOT_FOUND, nullptr);
  return reinterpret_cast<FARPROC>(found);
}

BOOL DisableThreadLibraryCalls(HMODULE) {
  return TRUE;
}
