// layout_check.h for C++.
#include "win32/layout_check.h"
