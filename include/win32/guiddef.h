// GUID, its names and comparison.
#ifndef GUID_DEFINED
#define GUID_DEFINED

#include <oriel_win_linkage.h>
#include <string.h>

typedef struct _GUID {
  unsigned int Data1;  // 32 bits, as Windows' long is
  unsigned short Data2;
  unsigned short Data3;
  unsigned char Data4[8];
} GUID;

typedef GUID* LPGUID;
typedef const GUID* LPCGUID;
typedef GUID IID, CLSID, FMTID, UUID;

#ifdef __cplusplus
#define REFGUID const GUID&
#define REFIID const IID&
inline int InlineIsEqualGUID(REFGUID a, REFGUID b) {
  return memcmp(&a, &b, sizeof(GUID)) == 0;
}
inline bool operator==(REFGUID a, REFGUID b) {
  return InlineIsEqualGUID(a, b) != 0;
}
inline bool operator!=(REFGUID a, REFGUID b) {
  return !(a == b);
}
#define IsEqualGUID(a, b) (InlineIsEqualGUID(a, b))
#else
#define REFGUID const GUID* const
#define REFIID const IID* const
#define IsEqualGUID(a, b) (memcmp((a), (b), sizeof(GUID)) == 0)
#endif
#define IsEqualIID(a, b) IsEqualGUID(a, b)

#ifdef INITGUID
#define DEFINE_GUID(name, l, w1, w2, b1, b2, b3, b4, b5, b6, b7, b8) \
  extern const GUID name;                                            \
  const GUID name = {l, w1, w2, {b1, b2, b3, b4, b5, b6, b7, b8}}
#else
#define DEFINE_GUID(name, l, w1, w2, b1, b2, b3, b4, b5, b6, b7, b8) extern const GUID name
#endif

#endif
