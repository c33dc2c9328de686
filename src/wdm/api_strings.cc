// Counted strings. Lengths are bytes; WCHAR has 32 bits.
#include <wdm.h>

#include <algorithm>
#include <cstring>
#include <cwchar>
#include <cwctype>

namespace {

constexpr std::size_t kBytesMax = 0xffff / sizeof(WCHAR) * sizeof(WCHAR);

std::size_t characters(PCUNICODE_STRING s) {
  return s->Length / sizeof(WCHAR);
}

}  // namespace

VOID NTAPI RtlInitUnicodeString(PUNICODE_STRING to, PCWSTR text) {
  const std::size_t most = kBytesMax - sizeof(WCHAR);
  const std::size_t bytes = text == nullptr ? 0 : std::min(std::wcslen(text) * sizeof(WCHAR), most);
  to->Buffer = const_cast<PWSTR>(text);
  to->Length = static_cast<USHORT>(bytes);
  to->MaximumLength = static_cast<USHORT>(text == nullptr ? 0 : bytes + sizeof(WCHAR));
}

VOID NTAPI RtlInitAnsiString(PANSI_STRING to, PCSTR text) {
  const std::size_t bytes = text == nullptr ? 0 : std::min<std::size_t>(std::strlen(text), 0xfffe);
  to->Buffer = const_cast<PCHAR>(text);
  to->Length = static_cast<USHORT>(bytes);
  to->MaximumLength = static_cast<USHORT>(text == nullptr ? 0 : bytes + 1);
}

VOID NTAPI RtlCopyUnicodeString(PUNICODE_STRING to, PCUNICODE_STRING from) {
  to->Length = from == nullptr ? 0 : std::min(from->Length, to->MaximumLength);
  if (to->Length == 0) return;
  std::memcpy(to->Buffer, from->Buffer, to->Length);
  if (to->Length + sizeof(WCHAR) <= to->MaximumLength) to->Buffer[characters(to)] = 0;
}

BOOLEAN NTAPI RtlEqualUnicodeString(PCUNICODE_STRING a, PCUNICODE_STRING b, BOOLEAN ignores_case) {
  if (a->Length != b->Length) return FALSE;
  const auto is_same = [&](WCHAR x, WCHAR y) {
    const auto upper = [](WCHAR c) { return std::towupper(static_cast<std::wint_t>(c)); };
    return x == y || (ignores_case && upper(x) == upper(y));
  };
  return std::equal(a->Buffer, a->Buffer + characters(a), b->Buffer, is_same) ? TRUE : FALSE;
}

SIZE_T NTAPI RtlCompareMemory(const VOID* a, const VOID* b, SIZE_T n) {
  const auto* x = static_cast<const UCHAR*>(a);
  return static_cast<SIZE_T>(std::mismatch(x, x + n, static_cast<const UCHAR*>(b)).first - x);
}
