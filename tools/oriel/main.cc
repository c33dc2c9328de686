// The `oriel` command: reads the line, runs one verb, gives its exit code.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <string>
#include <string_view>

#include "oriel/version.h"
#include "verbs.h"

namespace oriel::cli {

namespace {

// The verbs that were understood, and what there is below the last of them.
std::string verbs_below(const CLI::App& app) {
  std::string verbs;
  const CLI::App* last = &app;
  while (!last->get_subcommands().empty()) {
    last = last->get_subcommands().front();
    verbs += last->get_name() + " ";
  }
  const std::vector<std::string> words = last->remaining();
  std::string names;
  for (const CLI::App* below : last->get_subcommands(nullptr)) names += " " + below->get_name();
  return fmt::format("{}{}: write one of:{}", verbs, words.empty() ? "VERB" : words.front(), names);
}

// `oriel reg` is written as in Windows: /v for -v.
std::string with_slashes(std::string text) {
  for (std::size_t at = 0; (at = text.find('-', at)) != std::string::npos; ++at) {
    const bool is_alone = at == 0 || text[at - 1] == ' ';
    if (is_alone && at + 1 < text.size() && text[at + 1] != '-') text[at] = '/';
  }
  return text;
}

std::string sentence_of(const CLI::App& app, const CLI::ParseError& error) {
  const std::string said = error.what();
  if (error.get_name() == "RequiredError" && said.find("subcommand") != std::string::npos) {
    return verbs_below(app);
  }
  constexpr std::string_view kNoNumber = "Could not convert: ";
  if (said.starts_with(kNoNumber)) return said.substr(kNoNumber.size()) + " is no number";
  return app.got_subcommand("reg") ? with_slashes(said) : said;
}

int report_usage(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
  fmt::print(stderr, "oriel: {}\nTry oriel --help, or oriel VERB --help for examples.\n",
             sentence_of(app, error));
  return kExitUsage;
}

int run_command(int argc, char** argv) {
  CLI::App app("Oriel: a TCP/IP stack in user space, and a laboratory for it.", "oriel");
  app.set_version_flag("--version", "oriel " ORIEL_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  oriel lab longfat                           how fast is 1 Gbit/s at 100 ms, and why "
      "(virtual time)\n"
      "  oriel wire --a unix:/tmp/a --b tun:net0 --delay 50ms --rate 1gbit\n"
      "                                              a long path between two real stacks\n"
      "  oriel nc --link tun:oriel0 --address 10.0.0.2/24 10.0.0.1 80\n"
      "                                              netcat on Oriel's own TCP\n"
      "  oriel run --publish 8080:80 -- ./server     a program linked with Oriel, no rights "
      "needed\n"
      "  oriel stat --why                            connections of all programs on Oriel\n"
      "  oriel settings list                         what such programs start from, and who "
      "decided it\n"
      "Exit codes: 0 done, 1 a transfer or check failed, 2 usage or set-up.");
  Run run;
  add_bench(app, run);
  add_lab(app, run);
  add_wire(app, run);
  add_nc(app, run);
  add_run(app, run);
  add_wsk_run(app, run);
  add_stat(app, run);
  add_settings(app, run);
  add_netsh(app, run);
  add_reg(app, run);
  add_filter(app, run);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return report_usage(app, error);
  }
  return run ? run() : kExitUsage;
}

}  // namespace
}  // namespace oriel::cli

int main(int argc, char** argv) {
  try {
    return oriel::cli::run_command(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "oriel: {}\n", error.what());
    return oriel::cli::kExitFailed;
  }
}
