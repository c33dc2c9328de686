// Names of the interfaces that kernel modules give each other. The registrar itself is not here:
// wsk.h registers its clients.
#ifndef _NETIODDK_
#define _NETIODDK_

#include <guiddef.h>
#include <ntdef.h>

typedef GUID NPIID;
typedef const NPIID* PNPIID;
typedef GUID NPI_MODULEID_GUID;

#endif
