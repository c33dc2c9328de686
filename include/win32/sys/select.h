// Shadow: glibc's fd_set, select and FD_ macros under other names, so that Winsock's may have
// theirs. No include guard of its own: glibc's serves, and the macros are saved and restored each
// time.
#pragma GCC system_header
#pragma push_macro("FD_SETSIZE")
#pragma push_macro("FD_SET")
#pragma push_macro("FD_CLR")
#pragma push_macro("FD_ISSET")
#pragma push_macro("FD_ZERO")
#undef FD_SETSIZE
#undef FD_SET
#undef FD_CLR
#undef FD_ISSET
#undef FD_ZERO
#define fd_set oriel_libc_fd_set
#define select oriel_libc_select
#include_next <sys/select.h>
#undef fd_set
#undef select
#undef FD_SETSIZE
#undef FD_SET
#undef FD_CLR
#undef FD_ISSET
#undef FD_ZERO
#pragma pop_macro("FD_SETSIZE")
#pragma pop_macro("FD_SET")
#pragma pop_macro("FD_CLR")
#pragma pop_macro("FD_ISSET")
#pragma pop_macro("FD_ZERO")
