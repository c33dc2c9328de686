// A program that includes the standard headers first.
#include "standard_headers.h"
// Then Windows.
#include "windows_headers.h"
// Then uses them.
#include "uses.h"
