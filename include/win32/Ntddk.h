// ntddk.h under another spelling.
#include <ntddk.h>
