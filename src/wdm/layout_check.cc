// layout_check.h for C++.
#include "wdm/layout_check.h"
