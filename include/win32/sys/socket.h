// Programs that include the POSIX name get Winsock.
#include <ws2tcpip.h>
