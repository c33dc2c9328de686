// Shadow: without _WIN32, because std::filesystem would take the wide paths of Windows, which the
// library was not built for.
#pragma GCC system_header
#pragma push_macro("_WIN32")
#undef _WIN32
#include_next <experimental/bits/fs_path.h>
#pragma pop_macro("_WIN32")
