// The last error of a thread: it stands in handleapi.h.
#include <handleapi.h>
