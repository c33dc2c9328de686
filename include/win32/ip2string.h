// Addresses as text, for kernel code. Prototype: Microsoft Learn.
#ifndef _IP2STRING_
#define _IP2STRING_

#include <inaddr.h>
#include <ntdef.h>

ORIEL_WIN_BEGIN
// Four decimal numbers; not strict: also fewer numbers, of which the last fills the rest, and
// hexadecimal and octal ones. `end` gets where the text ends. STATUS_INVALID_PARAMETER: no address.
NTSTATUS NTAPI RtlIpv4StringToAddressW(PCWSTR text, BOOLEAN is_strict, LPCWSTR* end,
                                       struct in_addr* address) ORIEL_WIN(RtlIpv4StringToAddressW);
ORIEL_WIN_END

#endif
