// UTF-8 and wide text: whole characters both ways, and a replacement for what is none.
#include "win32/utf8.h"

#include <gtest/gtest.h>

namespace oriel::win32 {
namespace {

TEST(WideText, EveryLengthOfCharacter) {
  const std::string utf8 = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
  EXPECT_EQ(widen(utf8), L"a\u00e9\u20ac\U0001f600");
  EXPECT_EQ(narrow(widen(utf8)), utf8);
}

TEST(WideText, ReplacesWhatIsNoCharacter) {
  EXPECT_EQ(widen("\xff"
                  "a"),
            L"\ufffd"
            L"a");
  EXPECT_EQ(widen("\xc3"), L"\ufffd");
  EXPECT_EQ(widen("\xc0\x80")[0], L'\ufffd');  // not the shortest form
  EXPECT_EQ(widen("\xe0\x80\x80"), L"\ufffd");
  EXPECT_EQ(widen("\xed\xa0\x80"), L"\ufffd");      // a surrogate
  EXPECT_EQ(widen("\xf4\x90\x80\x80"), L"\ufffd");  // beyond U+10FFFF
  EXPECT_EQ(narrow(std::wstring(1, wchar_t{0xd800})), "\xef\xbf\xbd");
}

}  // namespace
}  // namespace oriel::win32
