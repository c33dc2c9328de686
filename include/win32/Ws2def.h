// ws2def.h under another spelling.
#include <ws2def.h>
