// winnt.h under another spelling.
#include <winnt.h>
