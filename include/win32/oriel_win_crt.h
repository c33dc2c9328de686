// What Microsoft's C library has beyond the standard and network programs use: the checked text
// functions and the underscored names, inline over libc.
//
// A checked function that runs out of room empties the buffer and returns ERANGE; Microsoft's ends
// the program.
#ifndef ORIEL_WIN_CRT_H
#define ORIEL_WIN_CRT_H

#include <errno.h>
#include <oriel_win_linkage.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <wchar.h>

typedef int errno_t;
typedef size_t rsize_t;
#define _TRUNCATE ((size_t)-1)
#define _MAX_PATH 260

#define _stricmp strcasecmp
#define stricmp strcasecmp
#define _strnicmp strncasecmp
#define strnicmp strncasecmp
#define _wcsicmp wcscasecmp
#define _strdup strdup
#define _snprintf snprintf
#define _vsnprintf vsnprintf
#define _snwprintf swprintf
#define _atoi64 atoll
#define _strtoi64 strtoll
#define _strtoui64 strtoull
#define strtok_s strtok_r
#define printf_s printf
#define fprintf_s fprintf
#define sscanf_s sscanf
#define _fileno fileno
#define _popen popen
#define _pclose pclose

ORIEL_WIN_INLINE errno_t strncpy_s(char* to, size_t size, const char* from, size_t count) {
  size_t length;
  if (to == NULL || size == 0) return EINVAL;
  to[0] = 0;
  if (from == NULL) return EINVAL;
  length = strnlen(from, count == _TRUNCATE ? size : count);
  if (length >= size && count != _TRUNCATE) return ERANGE;
  if (length >= size) length = size - 1;
  memcpy(to, from, length);
  to[length] = 0;
  return 0;
}
ORIEL_WIN_INLINE errno_t strcpy_s(char* to, size_t size, const char* from) {
  return strncpy_s(to, size, from, from == NULL ? 0 : strlen(from));
}
ORIEL_WIN_INLINE errno_t strcat_s(char* to, size_t size, const char* from) {
  size_t used = to == NULL ? 0 : strnlen(to, size);
  return used == size ? EINVAL : strcpy_s(to + used, size - used, from);
}
ORIEL_WIN_INLINE errno_t memcpy_s(void* to, size_t size, const void* from, size_t count) {
  if (count == 0) return 0;
  if (to == NULL || from == NULL) return EINVAL;
  if (count > size) return ERANGE;
  memcpy(to, from, count);
  return 0;
}
ORIEL_WIN_INLINE int vsprintf_s(char* to, size_t size, const char* format, va_list arguments) {
  int length = vsnprintf(to, size, format, arguments);
  if (length >= 0 && (size_t)length < size) return length;
  if (size != 0) to[0] = 0;
  return -1;
}
ORIEL_WIN_INLINE __attribute__((format(printf, 3, 4))) int sprintf_s(char* to, size_t size,
                                                                     const char* format, ...) {
  va_list arguments;
  int length;
  va_start(arguments, format);
  length = vsprintf_s(to, size, format, arguments);
  va_end(arguments);
  return length;
}
ORIEL_WIN_INLINE __attribute__((format(printf, 4, 5))) int _snprintf_s(char* to, size_t size,
                                                                       size_t count,
                                                                       const char* format, ...) {
  va_list arguments;
  int length;
  va_start(arguments, format);
  length = vsnprintf(to, size, format, arguments);
  va_end(arguments);
  if (count != _TRUNCATE && count < size) to[count] = 0;
  return length >= 0 && (size_t)length < size && (count == _TRUNCATE || (size_t)length <= count)
             ? length
             : -1;
}
ORIEL_WIN_INLINE errno_t fopen_s(FILE** file, const char* name, const char* mode) {
  *file = fopen(name, mode);
  return *file == NULL ? errno : 0;
}
ORIEL_WIN_INLINE errno_t localtime_s(struct tm* to, const time_t* from) {
  return localtime_r(from, to) ? 0 : EINVAL;
}
ORIEL_WIN_INLINE errno_t gmtime_s(struct tm* to, const time_t* from) {
  return gmtime_r(from, to) ? 0 : EINVAL;
}

#ifdef __cplusplus
extern "C++" {
template <size_t N>
inline errno_t strcpy_s(char (&to)[N], const char* from) {
  return strcpy_s(to, N, from);
}
template <size_t N>
inline errno_t strncpy_s(char (&to)[N], const char* from, size_t count) {
  return strncpy_s(to, N, from, count);
}
template <size_t N>
inline errno_t strcat_s(char (&to)[N], const char* from) {
  return strcat_s(to, N, from);
}
template <size_t N>
inline __attribute__((format(printf, 2, 3))) int sprintf_s(char (&to)[N], const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = vsprintf_s(to, N, format, arguments);
  va_end(arguments);
  return length;
}
}
#endif

#endif
