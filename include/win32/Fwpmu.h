// fwpmu.h under another spelling.
#include <fwpmu.h>
