// The part of the multimedia API that network programs use: timeapi.h.
#include <timeapi.h>
