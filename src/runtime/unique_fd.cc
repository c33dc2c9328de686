// Closing, kept out of the header so that POSIX stays in .cc files.
#include "runtime/unique_fd.h"

#include <unistd.h>

namespace oriel::runtime {

void UniqueFd::reset(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

}  // namespace oriel::runtime
