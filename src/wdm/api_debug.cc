// What drivers say and assert, on the standard error.
#include <wdm.h>

#include <cstdio>
#include <cstdlib>

#include "wdm/checks.h"
#include "wdm/format.h"

using namespace oriel::wdm;

ULONG NTAPI vDbgPrintEx(ULONG, ULONG, PCSTR text, va_list arguments) {
  const std::string said = format(text, arguments);
  std::fwrite(said.data(), 1, said.size(), stderr);  // in one piece: the stream locks itself
  return STATUS_SUCCESS;
}

ULONG DbgPrintEx(ULONG component, ULONG level, PCSTR text, ...) {
  va_list arguments;
  va_start(arguments, text);
  const ULONG status = vDbgPrintEx(component, level, text, arguments);
  va_end(arguments);
  return status;
}

ULONG DbgPrint(PCSTR text, ...) {
  va_list arguments;
  va_start(arguments, text);
  const ULONG status = vDbgPrintEx(DPFLTR_DEFAULT_ID, DPFLTR_INFO_LEVEL, text, arguments);
  va_end(arguments);
  return status;
}

VOID NTAPI DbgBreakPoint(VOID) {
  stop("DbgBreakPoint", "no kernel debugger is here");
}

VOID NTAPI RtlAssert(PVOID assertion, PVOID file, ULONG line, PCHAR message) {
  std::fprintf(stderr, "oriel: assertion failed: %s%s%s, %s:%u\n",
               static_cast<const char*>(assertion), message == nullptr ? "" : ": ",
               message == nullptr ? "" : message, static_cast<const char*>(file), line);
  std::fflush(nullptr);
  std::abort();
}

VOID NTAPI KeBugCheckEx(ULONG code, ULONG_PTR p1, ULONG_PTR p2, ULONG_PTR p3, ULONG_PTR p4) {
  std::fprintf(stderr,
               "oriel: the driver stopped the system: 0x%08X (0x%lX, 0x%lX, 0x%lX, 0x%lX)\n", code,
               p1, p2, p3, p4);
  std::fflush(nullptr);
  std::abort();
}
