// ws2spi.h under another spelling.
#include <ws2spi.h>
