// A program that includes the standard headers last.
#include "windows_headers.h"
// Then the standard ones.
#include "standard_headers.h"
// Then uses them.
#include "uses.h"
