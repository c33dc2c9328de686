// Shadow: glibc's u_char, u_short, u_int and u_long under other names; its u_long has 8 bytes,
// Winsock's has 4.
#pragma GCC system_header
#define u_char oriel_libc_u_char
#define u_short oriel_libc_u_short
#define u_int oriel_libc_u_int
#define u_long oriel_libc_u_long
#include_next <sys/types.h>
#undef u_char
#undef u_short
#undef u_int
#undef u_long
