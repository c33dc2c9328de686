// The verbs of the `oriel` command: each adds itself to the command line and says what to run.
//
// Exit codes: 0 done, 1 a transfer or a check failed, 2 usage or set-up (bad words, missing rights
// or devices, port in use).
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "oriel/error.h"
#include "units.h"

namespace oriel::cli {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;

/// What the command line chose; called after parsing.
using Run = std::function<int()>;

void add_bench(CLI::App& app, Run& run);
void add_lab(CLI::App& app, Run& run);
void add_wire(CLI::App& app, Run& run);
void add_nc(CLI::App& app, Run& run);
void add_run(CLI::App& app, Run& run);
void add_wsk_run(CLI::App& app, Run& run);
void add_stat(CLI::App& app, Run& run);
void add_settings(CLI::App& app, Run& run);
void add_netsh(CLI::App& app, Run& run);
void add_reg(CLI::App& app, Run& run);
void add_filter(CLI::App& app, Run& run);

/// Prints "oriel VERB: sentence" and gives back `code`.
int complain(const std::string& verb, const std::string& sentence, int code);

/// An option whose word is read by `parse`; a refusal becomes a usage error with its sentence.
template <class T, class Parse>
CLI::Option* add_unit_option(CLI::App* app, const std::string& name, T& value, Parse parse,
                             const std::string& help) {
  return app->add_option_function<std::string>(
      name,
      [&value, parse, name](const std::string& word) {
        const auto parsed = parse(word);
        if (!parsed) throw CLI::ValidationError(name, parsed.error().message());
        value = static_cast<T>(*parsed);
      },
      help);
}

/// An option that names a file to be written after the work; a usage error where it cannot be.
CLI::Option* add_output_option(CLI::App* app, const std::string& name, std::string& path,
                               const std::string& help);

}  // namespace oriel::cli
