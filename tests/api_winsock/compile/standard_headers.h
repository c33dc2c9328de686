// The standard headers that share names with Winsock, directly or through others.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>
#ifdef __cplusplus
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#endif
