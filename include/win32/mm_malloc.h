// Shadow: without _WIN32, because the compiler's aligned allocation would call Windows' C library.
#pragma GCC system_header
#pragma push_macro("_WIN32")
#undef _WIN32
#include_next <mm_malloc.h>
#pragma pop_macro("_WIN32")
