// strsafe.h under another spelling.
#include <strsafe.h>
