// Interlocked*, of any width: as templates in C++, because sources that think `long` has 32 bits
// pass `long*` where LONG* is meant; as macros in C. All are full barriers.
#ifndef ORIEL_WIN_INTERLOCKED_H
#define ORIEL_WIN_INTERLOCKED_H

#include <minwindef.h>

#ifdef __cplusplus
extern "C++" {
template <typename T>
struct oriel_win_same {  // keeps the second argument from deciding what T is
  typedef T type;
};
#define ORIEL_WIN_ATOMIC1(NAME, BUILTIN, AMOUNT)                      \
  template <typename T>                                               \
  inline T NAME(T volatile* target) {                                 \
    return BUILTIN(target, static_cast<T>(AMOUNT), __ATOMIC_SEQ_CST); \
  }
#define ORIEL_WIN_ATOMIC2(NAME, BUILTIN)                                      \
  template <typename T>                                                       \
  inline T NAME(T volatile* target, typename oriel_win_same<T>::type value) { \
    return BUILTIN(target, value, __ATOMIC_SEQ_CST);                          \
  }
#define ORIEL_WIN_ATOMIC_EXCHANGE(NAME)                                            \
  template <typename T>                                                            \
  inline T NAME(T volatile* target, typename oriel_win_same<T>::type value,        \
                typename oriel_win_same<T>::type expected) {                       \
    __atomic_compare_exchange_n(target, &expected, value, false, __ATOMIC_SEQ_CST, \
                                __ATOMIC_SEQ_CST);                                 \
    return expected;                                                               \
  }
ORIEL_WIN_ATOMIC1(InterlockedIncrement, __atomic_add_fetch, 1)
ORIEL_WIN_ATOMIC1(InterlockedIncrement64, __atomic_add_fetch, 1)
ORIEL_WIN_ATOMIC1(InterlockedDecrement, __atomic_sub_fetch, 1)
ORIEL_WIN_ATOMIC1(InterlockedDecrement64, __atomic_sub_fetch, 1)
ORIEL_WIN_ATOMIC2(InterlockedAdd, __atomic_add_fetch)
ORIEL_WIN_ATOMIC2(InterlockedAdd64, __atomic_add_fetch)
ORIEL_WIN_ATOMIC2(InterlockedExchange, __atomic_exchange_n)
ORIEL_WIN_ATOMIC2(InterlockedExchange64, __atomic_exchange_n)
ORIEL_WIN_ATOMIC2(InterlockedExchangeAdd, __atomic_fetch_add)
ORIEL_WIN_ATOMIC2(InterlockedExchangeAdd64, __atomic_fetch_add)
ORIEL_WIN_ATOMIC2(InterlockedAnd, __atomic_fetch_and)
ORIEL_WIN_ATOMIC2(InterlockedOr, __atomic_fetch_or)
ORIEL_WIN_ATOMIC2(InterlockedXor, __atomic_fetch_xor)
ORIEL_WIN_ATOMIC_EXCHANGE(InterlockedCompareExchange)
ORIEL_WIN_ATOMIC_EXCHANGE(InterlockedCompareExchange64)
inline PVOID InterlockedExchangePointer(PVOID volatile* target, PVOID value) {
  return __atomic_exchange_n(target, value, __ATOMIC_SEQ_CST);
}
inline PVOID InterlockedCompareExchangePointer(PVOID volatile* target, PVOID value,
                                               PVOID expected) {
  return InterlockedCompareExchange(target, value, expected);
}
#undef ORIEL_WIN_ATOMIC1
#undef ORIEL_WIN_ATOMIC2
#undef ORIEL_WIN_ATOMIC_EXCHANGE
}
#else
#define InterlockedIncrement(p) __atomic_add_fetch((p), 1, __ATOMIC_SEQ_CST)
#define InterlockedDecrement(p) __atomic_sub_fetch((p), 1, __ATOMIC_SEQ_CST)
#define InterlockedAdd(p, v) __atomic_add_fetch((p), (v), __ATOMIC_SEQ_CST)
#define InterlockedExchange(p, v) __atomic_exchange_n((p), (v), __ATOMIC_SEQ_CST)
#define InterlockedExchangeAdd(p, v) __atomic_fetch_add((p), (v), __ATOMIC_SEQ_CST)
#define InterlockedAnd(p, v) __atomic_fetch_and((p), (v), __ATOMIC_SEQ_CST)
#define InterlockedOr(p, v) __atomic_fetch_or((p), (v), __ATOMIC_SEQ_CST)
#define InterlockedXor(p, v) __atomic_fetch_xor((p), (v), __ATOMIC_SEQ_CST)
#define InterlockedCompareExchange(p, v, expected) __sync_val_compare_and_swap((p), (expected), (v))
#define InterlockedIncrement64 InterlockedIncrement
#define InterlockedDecrement64 InterlockedDecrement
#define InterlockedAdd64 InterlockedAdd
#define InterlockedExchange64 InterlockedExchange
#define InterlockedExchangeAdd64 InterlockedExchangeAdd
#define InterlockedCompareExchange64 InterlockedCompareExchange
#define InterlockedExchangePointer InterlockedExchange
#define InterlockedCompareExchangePointer InterlockedCompareExchange
#endif

#endif
