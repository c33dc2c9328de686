// The one thing that network programs ask of bcrypt: random bytes of the system. Prototype:
// Microsoft Learn, bcrypt.h.
#ifndef __BCRYPT_H__
#define __BCRYPT_H__

#include <windows.h>

typedef PVOID BCRYPT_HANDLE;
typedef PVOID BCRYPT_ALG_HANDLE;
#define BCRYPT_RNG_USE_ENTROPY_IN_BUFFER 0x00000001
#define BCRYPT_USE_SYSTEM_PREFERRED_RNG 0x00000002

ORIEL_WIN_BEGIN

NTSTATUS WINAPI BCryptGenRandom(BCRYPT_ALG_HANDLE algorithm, PUCHAR buffer, ULONG bytes,
                                ULONG flags) ORIEL_WIN(BCryptGenRandom);

ORIEL_WIN_END

#endif
