// One of the two ways to mswsockdef.h. Windows' packet formats, which also stand in it, are not
// here.
#ifndef _NETIODEF_
#define _NETIODEF_

#include <mswsockdef.h>
#include <ws2def.h>
#include <ws2ipdef.h>

#endif
