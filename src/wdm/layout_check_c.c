// layout_check.h for C, with what the C headers of a driver see.
#include "wdm/layout_check.h"
