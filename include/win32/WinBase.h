// winbase.h under another spelling.
#include <winbase.h>
