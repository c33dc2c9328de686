// How a Windows function gets its symbol: ORIEL_WIN(F) names it oriel_F, so that libc's functions
// of the same name stay what they are. Every declaration of a function in this directory ends with
// it.
//
// None of these headers reads _WIN32: programs are built with it, the library's own units without
// it.
#ifndef ORIEL_WIN_LINKAGE_H
#define ORIEL_WIN_LINKAGE_H

#include <oriel_win_keywords.h>
#include <sdkddkver.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define ORIEL_WIN_BEGIN extern "C" {
#define ORIEL_WIN_END }
#define ORIEL_WIN_DEFAULT(value) = (value)
#else
#define ORIEL_WIN_BEGIN
#define ORIEL_WIN_END
#define ORIEL_WIN_DEFAULT(value)
#endif

#define ORIEL_WIN(F) __asm__("oriel_" #F) __attribute__((visibility("default")))
#define ORIEL_WIN_NORETURN(F) ORIEL_WIN(F) __attribute__((noreturn))
#define ORIEL_WIN_INLINE static __inline__ __attribute__((unused))

// NAME is NAME##A or NAME##W, as the program asks: #define CreateEvent ORIEL_WIN_AW(CreateEvent).
#ifdef UNICODE
#define ORIEL_WIN_AW(NAME) NAME##W
#else
#define ORIEL_WIN_AW(NAME) NAME##A
#endif

#endif
