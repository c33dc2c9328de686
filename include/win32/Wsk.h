// wsk.h under another spelling.
#include <wsk.h>
