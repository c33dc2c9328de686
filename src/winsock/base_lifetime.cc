// Waits for the process's host (process_host.h) and the provider's sockets.
#include "winsock/base_lifetime.h"

namespace oriel::winsock {

INT open_base_provider() {
  return 0;
}
void close_base_provider() {}

}  // namespace oriel::winsock
