// FormatMessage: the system's texts and templates with %1 to %99, as strings.
#include <memoryapi.h>
#include <stringapiset.h>

#include <cstdarg>
#include <string>

#include "win32/arguments.h"
#include "win32/last_error.h"
#include "win32/messages.h"
#include "win32/utf8.h"

using namespace oriel;
using namespace oriel::win32;

namespace {

constexpr DWORD kMrMidNotFound = 317;

/// Inserts are pointers to text of the call's kind; formats behind them (%1!d!) are skipped, except
/// that numbers are understood.
class Inserts {
 public:
  Inserts(DWORD flags, va_list* arguments) {
    if (arguments == nullptr || (flags & FORMAT_MESSAGE_IGNORE_INSERTS) != 0) return;
    if ((flags & FORMAT_MESSAGE_ARGUMENT_ARRAY) != 0) {
      array_ = reinterpret_cast<const ULONG_PTR*>(arguments);
    } else {
      va_copy(list_, *arguments);
      has_list_ = true;
    }
  }
  ~Inserts() {
    if (has_list_) va_end(list_);
  }
  Inserts(const Inserts&) = delete;
  Inserts& operator=(const Inserts&) = delete;

  bool has_any() const { return array_ != nullptr || has_list_; }
  ULONG_PTR at(unsigned index) {  // from 0
    if (array_ != nullptr) return array_[index];
    while (taken_ <= index && taken_ < kMax) values_[taken_++] = va_arg(list_, ULONG_PTR);
    return index < kMax ? values_[index] : 0;
  }

 private:
  static constexpr unsigned kMax = 99;
  const ULONG_PTR* array_ = nullptr;
  va_list list_;
  bool has_list_ = false;
  unsigned taken_ = 0;
  ULONG_PTR values_[kMax] = {};
};

std::string text_of_insert(ULONG_PTR value, const std::string& format, bool is_wide) {
  if (!format.empty() && format.find_first_of("du") != std::string::npos) {
    return std::to_string(static_cast<std::int32_t>(value));
  }
  if (value == 0) return "(null)";
  if (is_wide) return narrow(reinterpret_cast<LPCWSTR>(value));
  return reinterpret_cast<LPCSTR>(value);
}

std::string expand(const std::string& from, Inserts& inserts, bool is_wide) {
  std::string to;
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from[i] != '%' || i + 1 == from.size()) {
      to += from[i];
      continue;
    }
    const char next = from[++i];
    if (next < '1' || next > '9') {
      if (next == 'n')
        to += "\r\n";
      else if (next == 't')
        to += '\t';
      else if (next == '0')
        break;
      else
        to += next;
      continue;
    }
    unsigned index = static_cast<unsigned>(next - '0');
    if (i + 1 < from.size() && from[i + 1] >= '0' && from[i + 1] <= '9') {
      index = index * 10 + static_cast<unsigned>(from[++i] - '0');
    }
    std::string format;
    if (i + 1 < from.size() && from[i + 1] == '!') {
      const std::size_t end = from.find('!', i + 2);
      if (end == std::string::npos) break;
      format = from.substr(i + 2, end - i - 2);
      i = end;
    }
    to += text_of_insert(inserts.at(index - 1), format, is_wide);
  }
  return to;
}

/// The message, or nothing with the last error set.
std::string message(DWORD flags, const std::string& source, DWORD code, va_list* arguments,
                    bool is_wide) {
  std::string text;
  if ((flags & FORMAT_MESSAGE_FROM_STRING) != 0) {
    text = source;
  } else {
    text = message_of(code);
    // A facility's code, as HRESULT_FROM_WIN32 makes it.
    if (text.empty() && code >> 16 == 0x8007) text = message_of(code & 0xFFFF);
    if (text.empty()) return fail_with(kMrMidNotFound, std::string());
    text += (flags & FORMAT_MESSAGE_MAX_WIDTH_MASK) != 0 ? " " : "\r\n";
  }
  Inserts inserts(flags, arguments);
  return inserts.has_any() ? expand(text, inserts, is_wide) : text;
}

template <class Character>
DWORD give(const std::basic_string<Character>& text, DWORD flags, Character* buffer, DWORD size) {
  if (text.empty()) return 0;
  const auto length = static_cast<DWORD>(text.size());
  if ((flags & FORMAT_MESSAGE_ALLOCATE_BUFFER) == 0) {
    if (length + 1 > size) return fail_with(ERROR_INSUFFICIENT_BUFFER, DWORD{0});
    give_text(text, buffer, size);
    return length;
  }
  const DWORD room = length + 1 > size ? length + 1 : size;
  auto* made = static_cast<Character*>(LocalAlloc(LMEM_FIXED, room * sizeof(Character)));
  if (made == nullptr) return 0;
  give_text(text, made, room);
  *reinterpret_cast<Character**>(buffer) = made;
  return length;
}

bool has_source(DWORD flags) {
  return (flags & (FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_FROM_STRING |
                   FORMAT_MESSAGE_FROM_HMODULE)) != 0;
}

}  // namespace

DWORD FormatMessageA(DWORD flags, LPCVOID source, DWORD code, DWORD, LPSTR buffer, DWORD size,
                     va_list* arguments) {
  if (buffer == nullptr || !has_source(flags)) return fail_with(ERROR_INVALID_PARAMETER, DWORD{0});
  const bool is_from_string = (flags & FORMAT_MESSAGE_FROM_STRING) != 0 && source != nullptr;
  const std::string text = is_from_string ? static_cast<LPCSTR>(source) : "";
  return give(message(flags, text, code, arguments, false), flags, buffer, size);
}

DWORD FormatMessageW(DWORD flags, LPCVOID source, DWORD code, DWORD, LPWSTR buffer, DWORD size,
                     va_list* arguments) {
  if (buffer == nullptr || !has_source(flags)) return fail_with(ERROR_INVALID_PARAMETER, DWORD{0});
  const bool is_from_string = (flags & FORMAT_MESSAGE_FROM_STRING) != 0 && source != nullptr;
  const std::string text = is_from_string ? narrow(static_cast<LPCWSTR>(source)) : "";
  return give(widen(message(flags, text, code, arguments, true)), flags, buffer, size);
}
