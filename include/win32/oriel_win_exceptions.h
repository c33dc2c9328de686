// __try, __except, __finally and __leave, as far as programs without hardware exceptions can tell.
//
// C++: __try is try (libstdc++ says so too); __leave throws a word that the handler's head
// swallows. C: __leave is a goto to a local label. In both a `return` inside __try skips __finally,
// and an __except handler runs only for what C++ code raises with oriel_win_raised: a bad pointer
// ends the process as always.
#ifndef ORIEL_WIN_EXCEPTIONS_H
#define ORIEL_WIN_EXCEPTIONS_H

#include <minwindef.h>

#define EXCEPTION_EXECUTE_HANDLER 1
#define EXCEPTION_CONTINUE_SEARCH 0
#define EXCEPTION_CONTINUE_EXECUTION (-1)
#define EXCEPTION_ACCESS_VIOLATION 0xC0000005
#define GetExceptionCode() ((DWORD)0)
#define GetExceptionInformation() ((struct _EXCEPTION_POINTERS*)0)
#define AbnormalTermination() 0

// __except must be a macro with arguments: libstdc++ has a parameter of this name.
// clang-format off
#ifdef __cplusplus
struct oriel_win_leave {};
struct oriel_win_raised {
  DWORD code;
};
#ifndef __try
#define __try try
#endif
#define __leave throw oriel_win_leave()
#define __except(filter)          \
  catch (const oriel_win_leave&) { \
  }                                \
  catch (const oriel_win_raised&)
#define __finally                  \
  catch (const oriel_win_leave&) { \
  }
#else
#define __try \
  {           \
    __label__ oriel_win_left;
#define __leave goto oriel_win_left
#define __finally          \
  oriel_win_left:          \
  __attribute__((unused)); \
  }
#define __except(filter)  \
  oriel_win_left:          \
  __attribute__((unused)); \
  }                        \
  if (0)
#endif
// clang-format on

#endif
