// The heap: it stands in memoryapi.h.
#include <memoryapi.h>
