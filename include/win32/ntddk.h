// wdm.h: what ntddk.h has beyond it, drivers with WSK sockets do not use.
#ifndef _NTDDK_
#define _NTDDK_

#include <wdm.h>

#endif
