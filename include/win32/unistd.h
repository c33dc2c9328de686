// Shadow: glibc's gethostname and socklen_t under other names.
#pragma GCC system_header
#define gethostname oriel_libc_gethostname
#define socklen_t oriel_libc_socklen_t
#include_next <unistd.h>
#undef gethostname
#undef socklen_t
