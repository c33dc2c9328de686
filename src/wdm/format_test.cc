// What Windows' formats print, and counted strings.
#include "wdm/format.h"

#include <gtest/gtest.h>
#include <wdm.h>

namespace oriel::wdm {
namespace {

std::string said(const char* text, ...) {
  va_list arguments;
  va_start(arguments, text);
  const std::string result = format(text, arguments);
  va_end(arguments);
  return result;
}

TEST(Format, NumbersHaveWindowsWidths) {
  EXPECT_EQ(said("%d %u %x|%5d|%-5d|%05d", -1, 4294967295u, 0xabu, 7, 7, 7),
            "-1 4294967295 ab|    7|7    |00007");
  EXPECT_EQ(said("0x%lx %lu, then %d", ULONG{0xC0000001}, ULONG{5}, 6), "0xc0000001 5, then 6")
      << "an l is 32 bits: the next argument is still found";
  EXPECT_EQ(said("%I64u %Iu %lld %zu", ULONG64{1} << 40, SIZE_T{1} << 33, -2ll, SIZE_T{3}),
            "1099511627776 8589934592 -2 3");
  EXPECT_EQ(said("%p", reinterpret_cast<void*>(0xbeef)), "000000000000BEEF");
  EXPECT_EQ(said("%*d|%c|100%%", 4, 7, 'x'), "   7|x|100%");
}

TEST(Format, StringsNarrowWideAndCounted) {
  UNICODE_STRING name;
  RtlInitUnicodeString(&name, L"echo server");
  name.Length = 4 * sizeof(WCHAR);
  ANSI_STRING plain;
  RtlInitAnsiString(&plain, "plain");
  EXPECT_EQ(said("%s %S %ws %ls", "a", L"b", L"c", L"d"), "a b c d");
  EXPECT_EQ(said("[%wZ] [%Z]", &name, &plain), "[echo] [plain]");
  EXPECT_EQ(said("%s", static_cast<const char*>(nullptr)), "(null)");
  EXPECT_EQ(said("%"), "");
  EXPECT_EQ(said("%y").substr(0, 1), "%");
}

TEST(UnicodeString, CopiesAndCompares) {
  UNICODE_STRING a;
  UNICODE_STRING b;
  RtlInitUnicodeString(&a, L"Echo");
  RtlInitUnicodeString(&b, L"eCHO");
  EXPECT_EQ(a.Length, 4 * sizeof(WCHAR));
  EXPECT_EQ(a.MaximumLength, 5 * sizeof(WCHAR));
  EXPECT_TRUE(RtlEqualUnicodeString(&a, &b, TRUE));
  EXPECT_FALSE(RtlEqualUnicodeString(&a, &b, FALSE));
  WCHAR room[3];
  UNICODE_STRING cut = {0, sizeof room, room};
  RtlCopyUnicodeString(&cut, &a);
  EXPECT_EQ(cut.Length, sizeof room) << "what has no room is cut off";
  RtlInitUnicodeString(&a, nullptr);
  EXPECT_EQ(a.Length, 0);
  EXPECT_EQ(RtlCompareMemory("abcd", "abxd", 4), 2u);
}

}  // namespace
}  // namespace oriel::wdm
