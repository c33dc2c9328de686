// The one way the command says what went wrong: its name, the verb, one sentence.
#include <fmt/core.h>

#include <cstdio>

#include "output_file.h"
#include "verbs.h"

namespace oriel::cli {

int complain(const std::string& verb, const std::string& sentence, int code) {
  fmt::print(stderr, "oriel {}: {}\n", verb, sentence);
  return code;
}

CLI::Option* add_output_option(CLI::App* app, const std::string& name, std::string& path,
                               const std::string& help) {
  const auto take = [&path, name](const std::string& word) {
    const std::string obstacle = output_obstacle(word);
    if (!obstacle.empty()) throw CLI::ValidationError(name, obstacle);
    path = word;
  };
  return app->add_option_function<std::string>(name, take, help);
}

}  // namespace oriel::cli
