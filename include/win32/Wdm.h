// wdm.h under another spelling.
#include <wdm.h>
