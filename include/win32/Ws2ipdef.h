// ws2ipdef.h under another spelling.
#include <ws2ipdef.h>
