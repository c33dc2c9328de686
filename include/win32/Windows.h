// windows.h under another spelling.
#include <windows.h>
