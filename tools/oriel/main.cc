// The `oriel` command: reads the line, runs one verb, gives its exit code.
#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "oriel/version.h"
#include "verbs.h"

namespace oriel::cli {

namespace {

int report_usage(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
  fmt::print(stderr, "oriel: {}\nTry oriel --help, or oriel VERB --help for examples.\n",
             error.what());
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
