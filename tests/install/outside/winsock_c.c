// A Windows program in C, from installed files only.
#include <stdlib.h>

#include "winsock_uses.h"

int main(void) {
  return uses_winsock();
}
