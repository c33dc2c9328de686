// WSPStartup as mswsock.dll exports it: the base provider, for layered providers that load what
// lies below them.
#include <ws2spi.h>

#include "winsock/base_provider.h"

int WSPAPI WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                      WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE table) {
  return oriel::winsock::base_wsp_startup(version, data, info, upcalls, table);
}
