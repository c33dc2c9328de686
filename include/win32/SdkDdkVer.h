// sdkddkver.h under another spelling.
#include <sdkddkver.h>
