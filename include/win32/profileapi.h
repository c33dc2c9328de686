// The performance counter: it stands in sysinfoapi.h.
#include <sysinfoapi.h>
