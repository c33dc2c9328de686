// Conversions between narrow text, which is UTF-8 in every code page here, and wide characters of
// 32 bits; and the small string calls of kernel32.
#include <stringapiset.h>
#include <strings.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <cwchar>
#include <cwctype>
#include <string>
#include <string_view>

#include "win32/arguments.h"
#include "win32/last_error.h"
#include "win32/utf8.h"

using namespace oriel;
using namespace oriel::win32;

namespace {

/// The result of a conversion into a buffer of `size` characters; 0 asks for the size.
template <class Character>
int give(const std::basic_string<Character>& made, Character* to, int size) {
  if (size != 0) {
    if (made.size() > static_cast<std::size_t>(size)) {
      return fail_with(ERROR_INSUFFICIENT_BUFFER, 0);
    }
    std::copy(made.begin(), made.end(), to);
  }
  return static_cast<int>(made.size());
}

template <class Character>
Character* copy_within(Character* to, const Character* from, int size) {
  if (to == nullptr || from == nullptr || size <= 0) return size == 0 ? to : nullptr;
  while (--size > 0 && *from != 0) *to++ = *from++;
  *to = 0;
  return to;
}

}  // namespace

int MultiByteToWideChar(UINT, DWORD flags, LPCCH text, int bytes, LPWSTR wide, int size) {
  if (text == nullptr || bytes == 0 || size < 0 || (size != 0 && wide == nullptr)) {
    return fail_with(ERROR_INVALID_PARAMETER, 0);
  }
  const std::string_view from(text, bytes < 0 ? std::strlen(text) + 1 : bytes);
  std::wstring made;
  for (std::size_t at = 0; at < from.size();) {
    const auto code_point = next_of_utf8(from, at);
    if (!code_point && (flags & MB_ERR_INVALID_CHARS) != 0) {
      return fail_with(ERROR_NO_UNICODE_TRANSLATION, 0);
    }
    made.push_back(static_cast<wchar_t>(code_point.value_or(kReplacement)));
  }
  return give(made, wide, size);
}

int WideCharToMultiByte(UINT page, DWORD flags, LPCWCH wide, int count, LPSTR text, int size,
                        LPCCH fallback, LPBOOL used_fallback) {
  if (wide == nullptr || count == 0 || size < 0 || (size != 0 && text == nullptr) ||
      (page == CP_UTF8 && (fallback != nullptr || used_fallback != nullptr))) {
    return fail_with(ERROR_INVALID_PARAMETER, 0);
  }
  const std::wstring_view from(wide, count < 0 ? std::wcslen(wide) + 1 : count);
  std::string made;
  bool is_exact = true;
  for (const wchar_t c : from) is_exact = append_utf8(made, static_cast<char32_t>(c)) && is_exact;
  if (!is_exact && (flags & WC_ERR_INVALID_CHARS) != 0) {
    return fail_with(ERROR_NO_UNICODE_TRANSLATION, 0);
  }
  if (used_fallback != nullptr) *used_fallback = is_exact ? FALSE : TRUE;
  return give(made, text, size);
}

int lstrlenA(LPCSTR text) {
  return text == nullptr ? 0 : static_cast<int>(std::strlen(text));
}

int lstrlenW(LPCWSTR text) {
  return text == nullptr ? 0 : static_cast<int>(std::wcslen(text));
}

int lstrcmpA(LPCSTR a, LPCSTR b) {
  return std::strcmp(a == nullptr ? "" : a, b == nullptr ? "" : b);
}

int lstrcmpW(LPCWSTR a, LPCWSTR b) {
  return std::wcscmp(a == nullptr ? L"" : a, b == nullptr ? L"" : b);
}

int lstrcmpiA(LPCSTR a, LPCSTR b) {
  return ::strcasecmp(a == nullptr ? "" : a, b == nullptr ? "" : b);
}

int lstrcmpiW(LPCWSTR a, LPCWSTR b) {
  if (a == nullptr) a = L"";
  if (b == nullptr) b = L"";
  for (; *a != 0 || *b != 0; ++a, ++b) {
    const auto x = std::towlower(static_cast<std::wint_t>(*a));
    const auto y = std::towlower(static_cast<std::wint_t>(*b));
    if (x != y) return x < y ? -1 : 1;
  }
  return 0;
}

LPSTR lstrcpyA(LPSTR to, LPCSTR from) {
  return to == nullptr || from == nullptr ? nullptr : std::strcpy(to, from);
}

LPWSTR lstrcpyW(LPWSTR to, LPCWSTR from) {
  return to == nullptr || from == nullptr ? nullptr : std::wcscpy(to, from);
}

LPSTR lstrcpynA(LPSTR to, LPCSTR from, int size) {
  return copy_within(to, from, size) == nullptr ? nullptr : to;
}

LPWSTR lstrcpynW(LPWSTR to, LPCWSTR from, int size) {
  return copy_within(to, from, size) == nullptr ? nullptr : to;
}

LPSTR lstrcatA(LPSTR to, LPCSTR from) {
  return to == nullptr || from == nullptr ? nullptr : std::strcat(to, from);
}

LPWSTR lstrcatW(LPWSTR to, LPCWSTR from) {
  return to == nullptr || from == nullptr ? nullptr : std::wcscat(to, from);
}

VOID OutputDebugStringA(LPCSTR text) {
  if (text != nullptr) std::fputs(text, stderr);
}

VOID OutputDebugStringW(LPCWSTR text) {
  if (text != nullptr) std::fputs(narrow(text).c_str(), stderr);
}

BOOL IsDebuggerPresent(VOID) {
  return FALSE;
}

VOID DebugBreak(VOID) {
  __builtin_trap();
}
