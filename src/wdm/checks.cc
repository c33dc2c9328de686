// The switch, read once.
#include "wdm/checks.h"

#include <cstdio>
#include <cstdlib>

namespace oriel::wdm {
namespace {

bool read_switch() {
  const char* word = std::getenv("ORIEL_VERIFIER");
  if (word != nullptr && *word != 0) return *word != '0';
#ifdef NDEBUG
  return false;
#else
  return true;
#endif
}

}  // namespace

bool are_checks_on() {
  static const bool is_on = read_switch();
  return is_on;
}

void stop(const char* call, const char* sentence) {
  std::fprintf(stderr, "oriel: %s: %s\n", call, sentence);
  std::fflush(nullptr);
  std::abort();
}

}  // namespace oriel::wdm
