// mmsystem.h under another spelling.
#include <mmsystem.h>
