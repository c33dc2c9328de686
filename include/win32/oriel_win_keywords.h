// The keywords of Microsoft's compilers, for the start of every Windows unit (-include): programs
// use some of them before they include anything.
//
// __int64 is `long`, so that `unsigned __int64` is the type of SOCKET and ULONG_PTR. __in and __out
// are never macros: libstdc++ uses these names.
#ifndef ORIEL_WIN_KEYWORDS_H
#define ORIEL_WIN_KEYWORDS_H

// The inline helpers use what libc hides from -std=c99.
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1
#endif

#define __int8 char
#define __int16 short
#define __int32 int
#define __int64 long
#define _int64 long

#ifndef __declspec
#define __declspec(what) ORIEL_WIN_DECLSPEC_##what
#endif
#define ORIEL_WIN_DECLSPEC_dllimport
#define ORIEL_WIN_DECLSPEC_dllexport __attribute__((visibility("default")))
#define ORIEL_WIN_DECLSPEC_thread __thread
#define ORIEL_WIN_DECLSPEC_noreturn __attribute__((noreturn))
#define ORIEL_WIN_DECLSPEC_noinline __attribute__((noinline))
#define ORIEL_WIN_DECLSPEC_nothrow __attribute__((nothrow))
#define ORIEL_WIN_DECLSPEC_novtable
#define ORIEL_WIN_DECLSPEC_selectany __attribute__((weak))
#define ORIEL_WIN_DECLSPEC_restrict
#define ORIEL_WIN_DECLSPEC_deprecated __attribute__((deprecated))
#define ORIEL_WIN_DECLSPEC_align(n) __attribute__((aligned(n)))
#define ORIEL_WIN_DECLSPEC_uuid(text)

#undef __cdecl
#undef __stdcall
#undef __fastcall
#undef _cdecl
#undef _stdcall
#define __cdecl
#define __stdcall
#define __fastcall
#define __vectorcall
#define __thiscall
#define _cdecl
#define _stdcall
#define __forceinline static __inline__ __attribute__((always_inline, unused))
#define __pragma(what)
#define __assume(what) ((void)0)
#define __ptr32
#define __ptr64
#define __unaligned
#define __w64

#endif
