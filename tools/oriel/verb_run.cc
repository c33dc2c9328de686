// `oriel run`: options into the environment, then the program in this process's place.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "oriel/process.h"
#include "program_file.h"
#include "run_options.h"
#include "verbs.h"

namespace oriel::cli {
namespace {

struct RunWords {
  RunOptions options;
  std::vector<std::string> program;  ///< and its arguments
};

int run_program(const RunWords& w) {
  const std::vector<std::string>& program = w.program;
  if (program.empty()) {
    return complain("run", "no program: write oriel run [OPTIONS] -- PROGRAM ARGUMENTS",
                    kExitUsage);
  }
  const std::string& name = program.front();
  const std::string path = find_program(name);
  switch (inspect_program(path)) {
    case ProgramKind::kMissing:
      return complain(
          "run", "there is no program '" + name + "': write its path, or a name that PATH leads to",
          kExitUsage);
    case ProgramKind::kUnrunnable:
      return complain("run", "'" + name + "' may not be run: it is no file, or lacks the x right",
                      kExitUsage);
    case ProgramKind::kUnlinked:
      complain("run",
               "warning: '" + name +
                   "' does not look linked with Oriel, so it will use the machine's own network",
               kExitDone);
      break;
    case ProgramKind::kScript:
    case ProgramKind::kLinked:
      break;
  }
  export_options(w.options);
  if (const auto ok = check_environment(process_environment()); !ok) {
    return complain("run", ok.error().message(), kExitUsage);
  }
  std::vector<char*> arguments;
  for (const std::string& word : program) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  std::fflush(nullptr);
  ::execv(path.c_str(), arguments.data());
  return complain("run", "starting '" + name + "' failed: " + std::strerror(errno), kExitUsage);
}

}  // namespace

void add_run(CLI::App& app, Run& run) {
  CLI::App* verb =
      app.add_subcommand("run", "Runs a program that is linked with Oriel on a stack of its own.");
  auto w = std::make_shared<RunWords>();
  add_run_options(*verb, w->options);
  verb->add_option("PROGRAM", w->program, "the program and its arguments, behind --");
  verb->footer(
      "Each option sets a variable (--link ORIEL_LINK, --end-wait ORIEL_END_WAIT) and goes before "
      "it;\nvariables go before the file.\n"
      "Examples:\n"
      "  oriel run -- ./client example.org 80          out to anywhere that the machine may go\n"
      "  oriel run --publish 8080:80 -- ./server       in, at the machine's port 8080\n"
      "  oriel run --link unix:/tmp/w --address 10.0.0.1/24 -- ./server &\n"
      "  oriel run --link unix:/tmp/w --address 10.0.0.2/24 -- ./client 10.0.0.1\n"
      "                                                two programs and a wire between them\n"
      "  oriel run --link tun:oriel0 --address 10.0.0.2/24 --pcap run.pcap -- ./client 10.0.0.1\n"
      "On a user link 10.0.2.2 is the machine itself, its 127.0.0.1 (and fec0::2 its ::1).");
  verb->callback([w, &run] { run = [w] { return run_program(*w); }; });
}

}  // namespace oriel::cli
