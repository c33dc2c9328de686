// One conversion at a time: its words are read here, the C library prints the value.
#include "wdm/format.h"

#include <wdm.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <cwchar>
#include <utility>

namespace oriel::wdm {
namespace {

enum class Width { kInt, kLong64, kPointer };

struct Conversion {
  std::string flags;  ///< with width and precision, stars replaced
  Width width = Width::kInt;
  bool is_wide = false;
  char kind = 0;
};

class Formatter {
 public:
  explicit Formatter(std::va_list arguments) { va_copy(arguments_, arguments); }
  ~Formatter() { va_end(arguments_); }
  Formatter(const Formatter&) = delete;
  Formatter& operator=(const Formatter&) = delete;

  std::string run(const char* text) {
    while (*text != 0 && out_.size() < kFormattedBytesMax) {
      const char* percent = std::strchr(text, '%');
      if (percent == nullptr) percent = text + std::strlen(text);
      out_.append(text, percent);
      text = percent;
      if (*text == '%') text = convert(text + 1);
    }
    out_.resize(std::min(out_.size(), kFormattedBytesMax));
    return std::move(out_);
  }

 private:
  const char* convert(const char* at) {
    Conversion c;
    for (; *at != 0 && std::strchr("-+ #0123456789.*", *at) != nullptr; ++at) {
      if (*at == '*') {
        c.flags += std::to_string(va_arg(arguments_, int));
      } else {
        c.flags += *at;
      }
    }
    at = read_width(at, c);
    if (*at == 0) return at;
    c.kind = *at++;
    put(c);
    return at;
  }

  static const char* read_width(const char* at, Conversion& c) {
    for (;;) {
      if (std::strncmp(at, "I64", 3) == 0 || std::strncmp(at, "I32", 3) == 0) {
        c.width = at[1] == '6' ? Width::kLong64 : Width::kInt;
        at += 3;
      } else if (std::strncmp(at, "ll", 2) == 0) {
        c.width = Width::kLong64;
        at += 2;
      } else if (*at == 'I' || *at == 'z' || *at == 't' || *at == 'j') {
        c.width = Width::kPointer;
        ++at;
      } else if (*at == 'l' || *at == 'w') {
        c.is_wide = true;
        ++at;
      } else if (*at == 'h') {
        ++at;
      } else {
        return at;
      }
    }
  }

  template <class T>
  void print(const Conversion& c, const char* kind, T value) {
    char piece[512];
    const std::string spec = "%" + c.flags + kind;
    const int n = std::snprintf(piece, sizeof piece, spec.c_str(), value);
    if (n > 0)
      out_.append(piece, std::min<std::size_t>(static_cast<std::size_t>(n), sizeof piece - 1));
  }

  void put(const Conversion& c) {
    switch (c.kind) {
      case 'd':
      case 'i':
        return c.width == Width::kInt ? print(c, "d", va_arg(arguments_, int))
                                      : print(c, "lld", va_arg(arguments_, long long));
      case 'u':
      case 'x':
      case 'X':
      case 'o': {
        const char narrow[] = {c.kind, 0};
        const char wide[] = {'l', 'l', c.kind, 0};
        return c.width == Width::kInt ? print(c, narrow, va_arg(arguments_, unsigned))
                                      : print(c, wide, va_arg(arguments_, unsigned long long));
      }
      case 'p':
        return print(c, "016llX", reinterpret_cast<unsigned long long>(va_arg(arguments_, void*)));
      case 'c':
        return print(c, "c", va_arg(arguments_, int));
      case 's':
      case 'S':
        return c.is_wide != (c.kind == 'S') ? put_wide(c) : put_narrow(c);
      case 'Z':
        return put_counted(c);
      case '%':
        out_ += '%';
        return;
      default:  // floating point too: kernel code has none
        out_ += '%';
        out_ += c.kind;
    }
  }

  void put_narrow(const Conversion& c) {
    const char* text = va_arg(arguments_, const char*);
    print(c, "s", text == nullptr ? "(null)" : text);
  }
  void put_wide(const Conversion& c) {
    const wchar_t* text = va_arg(arguments_, const wchar_t*);
    print(c, "s", narrow(text, text == nullptr ? 0 : std::wcslen(text)).c_str());
  }
  void put_counted(const Conversion& c) {
    if (c.is_wide) {
      const auto* s = va_arg(arguments_, PCUNICODE_STRING);
      if (s != nullptr) print(c, "s", narrow(s->Buffer, s->Length / sizeof(WCHAR)).c_str());
    } else {
      const auto* s = va_arg(arguments_, PCANSI_STRING);
      if (s != nullptr) print(c, "s", std::string(s->Buffer, s->Length).c_str());
    }
  }
  static std::string narrow(const wchar_t* text, std::size_t n) {
    std::string out;
    for (std::size_t i = 0; i < n; ++i) {
      const auto c = static_cast<unsigned>(text[i]);
      out += c < 0x80 ? static_cast<char>(c) : '?';
    }
    return out;
  }

  std::va_list arguments_;
  std::string out_;
};

}  // namespace

std::string format(const char* text, std::va_list arguments) {
  return Formatter(arguments).run(text);
}

}  // namespace oriel::wdm
