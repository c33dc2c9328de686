// winerror.h under another spelling.
#include <winerror.h>
