// The two addresses that ws2tcpip.h declares as objects.
#include <ws2tcpip.h>

extern "C" {
const struct in6_addr in6addr_any = {};
const struct in6_addr in6addr_loopback = {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}};
}
