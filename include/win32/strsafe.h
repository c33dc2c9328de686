// Text functions that say whether all fitted: StringCb* count bytes, StringCch* characters; the
// result always ends with 0. Behaviour: Microsoft Learn, strsafe.h.
#ifndef _STRSAFE_H_INCLUDED_
#define _STRSAFE_H_INCLUDED_

#include <oriel_win_crt.h>
#include <winerror.h>

#define STRSAFE_MAX_CCH 2147483647
#define STRSAFE_E_INSUFFICIENT_BUFFER ((HRESULT)0x8007007A)
#define STRSAFE_E_INVALID_PARAMETER ((HRESULT)0x80070057)
typedef char* STRSAFE_LPSTR;
typedef const char* STRSAFE_LPCSTR;

ORIEL_WIN_INLINE HRESULT StringCchVPrintfA(char* to, size_t size, const char* format,
                                           va_list arguments) {
  int length;
  if (size == 0 || size > STRSAFE_MAX_CCH) return STRSAFE_E_INVALID_PARAMETER;
  length = vsnprintf(to, size, format, arguments);
  return length >= 0 && (size_t)length < size ? S_OK : STRSAFE_E_INSUFFICIENT_BUFFER;
}
ORIEL_WIN_INLINE HRESULT StringCchVPrintfW(WCHAR* to, size_t size, const WCHAR* format,
                                           va_list arguments) {
  int length;
  if (size == 0 || size > STRSAFE_MAX_CCH) return STRSAFE_E_INVALID_PARAMETER;
  length = vswprintf(to, size, format, arguments);
  if (length < 0) to[size - 1] = 0;
  return length >= 0 ? S_OK : STRSAFE_E_INSUFFICIENT_BUFFER;
}
#define ORIEL_STRSAFE_PRINTF(NAME, CHARACTER, VPRINTF, UNIT)                                \
  ORIEL_WIN_INLINE HRESULT NAME(CHARACTER* to, size_t size, const CHARACTER* format, ...) { \
    HRESULT result;                                                                         \
    va_list arguments;                                                                      \
    va_start(arguments, format);                                                            \
    result = VPRINTF(to, size / (UNIT), format, arguments);                                 \
    va_end(arguments);                                                                      \
    return result;                                                                          \
  }
ORIEL_STRSAFE_PRINTF(StringCchPrintfA, char, StringCchVPrintfA, 1)
ORIEL_STRSAFE_PRINTF(StringCbPrintfA, char, StringCchVPrintfA, 1)
ORIEL_STRSAFE_PRINTF(StringCchPrintfW, WCHAR, StringCchVPrintfW, 1)
ORIEL_STRSAFE_PRINTF(StringCbPrintfW, WCHAR, StringCchVPrintfW, sizeof(WCHAR))
#undef ORIEL_STRSAFE_PRINTF

#define ORIEL_STRSAFE_TEXT(CHARACTER, SUFFIX, LENGTH)                                  \
  ORIEL_WIN_INLINE HRESULT StringCchCopy##SUFFIX(CHARACTER* to, size_t size,           \
                                                 const CHARACTER* from) {              \
    size_t i;                                                                          \
    if (size == 0 || size > STRSAFE_MAX_CCH) return STRSAFE_E_INVALID_PARAMETER;       \
    for (i = 0; i + 1 < size && from[i] != 0; i++) to[i] = from[i];                    \
    to[i] = 0;                                                                         \
    return from[i] == 0 ? S_OK : STRSAFE_E_INSUFFICIENT_BUFFER;                        \
  }                                                                                    \
  ORIEL_WIN_INLINE HRESULT StringCchCat##SUFFIX(CHARACTER* to, size_t size,            \
                                                const CHARACTER* from) {               \
    size_t used = LENGTH(to, size);                                                    \
    return used == size ? STRSAFE_E_INVALID_PARAMETER                                  \
                        : StringCchCopy##SUFFIX(to + used, size - used, from);         \
  }                                                                                    \
  ORIEL_WIN_INLINE HRESULT StringCchLength##SUFFIX(const CHARACTER* text, size_t size, \
                                                   size_t* length) {                   \
    size_t used = text == NULL ? size : LENGTH(text, size);                            \
    if (length != NULL) *length = used == size ? 0 : used;                             \
    return used == size ? STRSAFE_E_INVALID_PARAMETER : S_OK;                          \
  }                                                                                    \
  ORIEL_WIN_INLINE HRESULT StringCbCopy##SUFFIX(CHARACTER* to, size_t size,            \
                                                const CHARACTER* from) {               \
    return StringCchCopy##SUFFIX(to, size / sizeof(CHARACTER), from);                  \
  }                                                                                    \
  ORIEL_WIN_INLINE HRESULT StringCbCat##SUFFIX(CHARACTER* to, size_t size,             \
                                               const CHARACTER* from) {                \
    return StringCchCat##SUFFIX(to, size / sizeof(CHARACTER), from);                   \
  }                                                                                    \
  ORIEL_WIN_INLINE HRESULT StringCbLength##SUFFIX(const CHARACTER* text, size_t size,  \
                                                  size_t* length) {                    \
    HRESULT result = StringCchLength##SUFFIX(text, size / sizeof(CHARACTER), length);  \
    if (length != NULL) *length *= sizeof(CHARACTER);                                  \
    return result;                                                                     \
  }
ORIEL_STRSAFE_TEXT(char, A, strnlen)
ORIEL_STRSAFE_TEXT(WCHAR, W, wcsnlen)
#undef ORIEL_STRSAFE_TEXT

#define StringCchVPrintf ORIEL_WIN_AW(StringCchVPrintf)
#define StringCchPrintf ORIEL_WIN_AW(StringCchPrintf)
#define StringCbPrintf ORIEL_WIN_AW(StringCbPrintf)
#define StringCchCopy ORIEL_WIN_AW(StringCchCopy)
#define StringCbCopy ORIEL_WIN_AW(StringCbCopy)
#define StringCchCat ORIEL_WIN_AW(StringCchCat)
#define StringCbCat ORIEL_WIN_AW(StringCbCat)
#define StringCchLength ORIEL_WIN_AW(StringCchLength)
#define StringCbLength ORIEL_WIN_AW(StringCbLength)

#endif
