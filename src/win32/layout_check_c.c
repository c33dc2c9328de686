// layout_check.h for C, with what the C headers of a program see.
#include "win32/layout_check.h"
