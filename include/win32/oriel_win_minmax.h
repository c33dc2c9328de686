// min and max as windows.h has them, unless NOMINMAX: templates in C++, so that std::min and
// members go on working.
#ifndef ORIEL_WIN_MINMAX_H
#define ORIEL_WIN_MINMAX_H

#ifndef NOMINMAX
#ifdef __cplusplus
extern "C++" {
template <typename A, typename B>
constexpr inline auto min(A a, B b) -> decltype(true ? A(a) : B(b)) {
  return a < b ? a : b;
}
template <typename A, typename B>
constexpr inline auto max(A a, B b) -> decltype(true ? A(a) : B(b)) {
  return a > b ? a : b;
}
}
#else
#ifndef min
#define min(a, b) (((a) < (b)) ? (a) : (b))
#define max(a, b) (((a) > (b)) ? (a) : (b))
#endif
#endif
#endif

#endif
