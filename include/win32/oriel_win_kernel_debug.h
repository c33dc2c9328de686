// What kernel code says and asserts, and small helpers of the run-time library. Part of wdm.h.
//
// DBG is the program's own; without it a build without NDEBUG is a checked one. DbgPrint writes to
// the standard error and reads Windows' formats: %wZ, %Iu, and an l that means 32 bits.
#ifndef ORIEL_WIN_KERNEL_DEBUG_H
#define ORIEL_WIN_KERNEL_DEBUG_H

#include <ntdef.h>
#include <stdarg.h>

#ifndef DBG
#ifdef NDEBUG
#define DBG 0
#else
#define DBG 1
#endif
#endif

#define DPFLTR_ERROR_LEVEL 0
#define DPFLTR_WARNING_LEVEL 1
#define DPFLTR_TRACE_LEVEL 2
#define DPFLTR_INFO_LEVEL 3
#define DPFLTR_IHVDRIVER_ID 77
#define DPFLTR_IHVNETWORK_ID 80
#define DPFLTR_DEFAULT_ID 101

ORIEL_WIN_BEGIN
ULONG DbgPrint(PCSTR format, ...) ORIEL_WIN(DbgPrint);
// Levels above DPFLTR_ERROR_LEVEL are shown too: there is no filter.
ULONG DbgPrintEx(ULONG component, ULONG level, PCSTR format, ...) ORIEL_WIN(DbgPrintEx);
ULONG NTAPI vDbgPrintEx(ULONG component, ULONG level, PCSTR format, va_list arguments)
    ORIEL_WIN(vDbgPrintEx);
VOID NTAPI DbgBreakPoint(VOID) ORIEL_WIN(DbgBreakPoint);
VOID NTAPI RtlAssert(PVOID assertion, PVOID file, ULONG line, PCHAR message) ORIEL_WIN(RtlAssert);
DECLSPEC_NORETURN VOID NTAPI KeBugCheckEx(ULONG code, ULONG_PTR p1, ULONG_PTR p2, ULONG_PTR p3,
                                          ULONG_PTR p4) ORIEL_WIN(KeBugCheckEx);
// Where checks are on, ends the process above APC_LEVEL with a sentence that names `function`.
VOID NTAPI OrielCheckPagedCode(PCSTR function) ORIEL_WIN(OrielCheckPagedCode);

VOID NTAPI RtlInitUnicodeString(PUNICODE_STRING to, PCWSTR text) ORIEL_WIN(RtlInitUnicodeString);
VOID NTAPI RtlInitAnsiString(PANSI_STRING to, PCSTR text) ORIEL_WIN(RtlInitAnsiString);
VOID NTAPI RtlCopyUnicodeString(PUNICODE_STRING to, PCUNICODE_STRING from)
    ORIEL_WIN(RtlCopyUnicodeString);
BOOLEAN NTAPI RtlEqualUnicodeString(PCUNICODE_STRING a, PCUNICODE_STRING b, BOOLEAN ignores_case)
    ORIEL_WIN(RtlEqualUnicodeString);
SIZE_T NTAPI RtlCompareMemory(const VOID* a, const VOID* b, SIZE_T n) ORIEL_WIN(RtlCompareMemory);
ORIEL_WIN_END

#if DBG
#define KdPrint(parenthesized) DbgPrint parenthesized
#define KdPrintEx(parenthesized) DbgPrintEx parenthesized
#define KdBreakPoint() DbgBreakPoint()
#define ASSERT(e) \
  ((e) ? (void)0 : RtlAssert((PVOID)(ULONG_PTR) #e, (PVOID)(ULONG_PTR)__FILE__, __LINE__, NULL))
#define ASSERTMSG(m, e)                                                         \
  ((e) ? (void)0                                                                \
       : RtlAssert((PVOID)(ULONG_PTR) #e, (PVOID)(ULONG_PTR)__FILE__, __LINE__, \
                   (PCHAR)(ULONG_PTR)(m)))
#define PAGED_CODE() OrielCheckPagedCode(__func__)
#else
#define KdPrint(parenthesized) ((void)0)
#define KdPrintEx(parenthesized) ((void)0)
#define KdBreakPoint() ((void)0)
#define ASSERT(e) ((void)0)
#define ASSERTMSG(m, e) ((void)0)
#define PAGED_CODE() ((void)0)
#endif
#define NT_ASSERT ASSERT
#define NT_ASSERTMSG ASSERTMSG
#define NT_VERIFY(e) ASSERT(e)
#define KeBugCheck(code) KeBugCheckEx((code), 0, 0, 0, 0)
#define PAGED_CODE_LOCKED() PAGED_CODE()

#define RtlUshortByteSwap(n) __builtin_bswap16((USHORT)(n))
#define RtlUlongByteSwap(n) __builtin_bswap32((ULONG)(n))
#define RtlUlonglongByteSwap(n) __builtin_bswap64((ULONGLONG)(n))

#ifdef __cplusplus
#define C_ASSERT(e) static_assert(e, #e)
#else
#define C_ASSERT(e) _Static_assert(e, #e)
#endif

#endif
