// iphlpapi.h under another spelling.
#include <iphlpapi.h>
