// The one way the command says what went wrong: its name, the verb, one sentence.
#include <fmt/core.h>

#include <cstdio>

#include "verbs.h"

namespace oriel::cli {

int complain(const std::string& verb, const std::string& sentence, int code) {
  fmt::print(stderr, "oriel {}: {}\n", verb, sentence);
  return code;
}

}  // namespace oriel::cli
