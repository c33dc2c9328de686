// Test cases in units that see the Windows headers: GoogleTest's headers read _WIN32 and would then
// disagree with the library that Debian built, so these units never include them.
// tests/support/win_case_gtest.cc runs the cases.
//
//   #include <winsock2.h>
//   #include "support/win_case.h"
//   WIN_CASE(Startup, Answers22) {              // ctest shows it as api.Startup.Answers22
//     REQ("WS-5");                              // which requirement it proves; tools/lint sees it
//     WSADATA data;
//     REQUIRE_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);   // leaves the function where it fails
//     CHECK_EQ(data.wVersion, 0x0202);                    // notes the failure with both values and
//     goes on
//   }
//
// CHECK(c), CHECK_EQ NE LT LE GT GE, the same with REQUIRE; WIN_SKIP("reason");
// win_case::has_failed() for helpers. In CMake: oriel_winsock_test(NAME SOURCES a.cc b.cc), from
// tests/api_winsock/CMakeLists.txt or below it.
#pragma once

#include <sstream>
#include <string>
#include <type_traits>

namespace win_case {

/// One registered case; the list is made before main.
struct Case {
  Case(const char* suite, const char* name, const char* file, int line, void (*body)());
  const char* suite;
  const char* name;
  const char* file;
  int line;
  void (*body)();
  const Case* next;
};

const Case* first_case();

/// Notes that the running case failed at `file`:`line`. Thread: any.
void fail(const char* file, int line, const std::string& text);
/// Whether the running case has failed so far.
bool has_failed();
void skip(const char* file, int line, const char* reason);
void prove(int line, const char* requirement);

/// A value as a failure shows it: integers in decimal and hexadecimal, text in quotes, pointers as
/// addresses.
template <typename T>
std::string show(const T& value) {
  std::ostringstream out;
  using Plain = std::decay_t<T>;
  if constexpr (std::is_same_v<Plain, bool>) {
    out << (value ? "true" : "false");
  } else if constexpr (std::is_enum_v<Plain>) {
    out << static_cast<long long>(value);
  } else if constexpr (std::is_integral_v<Plain>) {
    out << +value << " (0x" << std::hex << static_cast<std::make_unsigned_t<Plain>>(value) + 0ull
        << ")";
  } else if constexpr (std::is_null_pointer_v<Plain>) {
    out << "null";
  } else if constexpr (std::is_array_v<T>) {
    out << '"' << std::string(value) << '"';
  } else if constexpr (std::is_same_v<Plain, const char*> || std::is_same_v<Plain, char*>) {
    out << '"' << (value ? static_cast<const char*>(value) : "(null)") << '"';
  } else if constexpr (std::is_function_v<std::remove_pointer_t<Plain>>) {
    out << (value ? "a function" : "null");
  } else if constexpr (std::is_pointer_v<Plain>) {
    out << static_cast<const volatile void*>(value);
  } else if constexpr (std::is_convertible_v<Plain, std::string>) {
    out << '"' << static_cast<std::string>(value) << '"';
  } else {
    out << "a value of " << sizeof(value) << " bytes";
  }
  return out.str();
}

/// Compares as C does for a literal and a wider unsigned type: `CHECK_EQ(GetLastError(), 5)` needs
/// no cast.
template <typename A, typename B, typename Compare>
bool holds(const A& a, const B& b, Compare compare) {
  if constexpr (std::is_integral_v<A> && std::is_integral_v<B> && !std::is_same_v<A, bool> &&
                !std::is_same_v<B, bool>) {
    using Wide = std::common_type_t<A, B>;
    return compare(static_cast<Wide>(a), static_cast<Wide>(b));
  } else {
    return compare(a, b);
  }
}

template <typename A, typename B, typename Compare>
bool check(const char* file, int line, const char* text, const A& a, const B& b, Compare compare) {
  if (holds(a, b, compare)) return true;
  fail(file, line, std::string(text) + "\n  left:  " + show(a) + "\n  right: " + show(b));
  return false;
}

}  // namespace win_case

#define WIN_CASE(suite, name)                                                                \
  static void win_case_##suite##_##name();                                                   \
  static ::win_case::Case win_case_entry_##suite##_##name(#suite, #name, __FILE__, __LINE__, \
                                                          win_case_##suite##_##name);        \
  static void win_case_##suite##_##name()

#define REQ(id) ::win_case::prove(__LINE__, id)
#define WIN_SKIP(reason) return ::win_case::skip(__FILE__, __LINE__, reason)

#define WIN_CASE_COMPARE(a, op, b)                     \
  ::win_case::check(                                   \
      __FILE__, __LINE__, #a " " #op " " #b, (a), (b), \
      [](const auto& win_left, const auto& win_right) { return win_left op win_right; })
#define CHECK(condition) \
  ((condition) ? (void)0 : ::win_case::fail(__FILE__, __LINE__, "not true: " #condition))
#define CHECK_EQ(a, b) ((void)WIN_CASE_COMPARE(a, ==, b))
#define CHECK_NE(a, b) ((void)WIN_CASE_COMPARE(a, !=, b))
#define CHECK_LT(a, b) ((void)WIN_CASE_COMPARE(a, <, b))
#define CHECK_LE(a, b) ((void)WIN_CASE_COMPARE(a, <=, b))
#define CHECK_GT(a, b) ((void)WIN_CASE_COMPARE(a, >, b))
#define CHECK_GE(a, b) ((void)WIN_CASE_COMPARE(a, >=, b))

#define WIN_CASE_OR_RETURN(is_true) \
  do {                              \
    if (!(is_true)) return;         \
  } while (false)
#define REQUIRE(condition)                                                                  \
  do {                                                                                      \
    if (!(condition)) return ::win_case::fail(__FILE__, __LINE__, "not true: " #condition); \
  } while (false)
#define REQUIRE_EQ(a, b) WIN_CASE_OR_RETURN(WIN_CASE_COMPARE(a, ==, b))
#define REQUIRE_NE(a, b) WIN_CASE_OR_RETURN(WIN_CASE_COMPARE(a, !=, b))
#define REQUIRE_LT(a, b) WIN_CASE_OR_RETURN(WIN_CASE_COMPARE(a, <, b))
#define REQUIRE_LE(a, b) WIN_CASE_OR_RETURN(WIN_CASE_COMPARE(a, <=, b))
#define REQUIRE_GT(a, b) WIN_CASE_OR_RETURN(WIN_CASE_COMPARE(a, >, b))
#define REQUIRE_GE(a, b) WIN_CASE_OR_RETURN(WIN_CASE_COMPARE(a, >=, b))
