// Winsock 1.1: its names are those of Winsock 2.
#include <winsock2.h>
