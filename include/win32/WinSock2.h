// winsock2.h under another spelling.
#include <winsock2.h>
