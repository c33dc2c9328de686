// A Windows program in C++, from installed files only.
#include <filesystem>
#include <thread>

#include "winsock_uses.h"

int main() {
  return uses_winsock() + static_cast<int>(std::filesystem::path().native().size());
}
