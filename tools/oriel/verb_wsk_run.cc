// `oriel wsk-run`: a driver's body on a stack of its own, from DriverEntry to DriverUnload.
//
// The command is linked statically and its own stack is none that a driver could call. So it loads
// liboriel.so, the one that drivers are linked with, and asks that to run the driver.
#include <dlfcn.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>

#include "oriel/driver.h"
#include "oriel/process.h"
#include "program_file.h"
#include "run_options.h"
#include "stop_signal.h"
#include "verbs.h"

namespace oriel::cli {
namespace {

constexpr const char* kWskRun = "wsk-run";
constexpr const char* kLibrary = "liboriel.so.0";

struct DriverWords {
  RunOptions options;
  std::vector<std::string> parameters;  ///< NAME=VALUE
  bool is_verified = false;
  std::optional<Duration> length;
  std::string driver;
};

/// liboriel.so's part of the work.
struct DriverCalls {
  decltype(&oriel_driver_start) start = nullptr;
  decltype(&oriel_driver_stop) stop = nullptr;
};

/// Beside this program as installed, as built, then wherever the dynamic linker looks.
void* load_library() {
  std::error_code error;
  const auto folder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  for (const auto& candidate : {folder / "../lib" / kLibrary, folder / ".." / kLibrary}) {
    if (!std::filesystem::exists(candidate, error)) continue;
    if (void* library = ::dlopen(candidate.c_str(), RTLD_NOW | RTLD_GLOBAL)) return library;
  }
  return ::dlopen(kLibrary, RTLD_NOW | RTLD_GLOBAL);
}

std::optional<DriverCalls> find_calls() {
  void* library = load_library();
  if (library == nullptr) return std::nullopt;
  DriverCalls calls;
  calls.start = reinterpret_cast<decltype(calls.start)>(::dlsym(library, "oriel_driver_start"));
  calls.stop = reinterpret_cast<decltype(calls.stop)>(::dlsym(library, "oriel_driver_stop"));
  if (calls.start == nullptr || calls.stop == nullptr) return std::nullopt;
  return calls;
}

/// Waits for an interrupt, or for the time that --seconds gives.
class End {
 public:
  void come() {
    const std::lock_guard hold(mutex_);
    has_come_ = true;
    changed_.notify_all();
  }
  void wait(std::optional<Duration> length) {
    std::unique_lock hold(mutex_);
    const auto has_come = [this] { return has_come_; };
    if (length) {
      changed_.wait_for(hold, *length, has_come);
    } else {
      changed_.wait(hold, has_come);
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool has_come_ = false;
};

int exit_code_of(int outcome) {
  switch (outcome) {
    case kOrielDriverRuns:
      return kExitDone;
    case kOrielDriverUnusable:
      return kExitUsage;
    default:
      return kExitFailed;
  }
}

int complain_unless_empty(const char* sentence, int code) {
  return *sentence == 0 ? code : complain(kWskRun, sentence, code);
}

std::string lines_of(const std::vector<std::string>& parameters) {
  std::string lines;
  for (const std::string& p : parameters) lines += p + "\n";
  return lines;
}

int host_driver(const DriverWords& w, const std::string& path) {
  block_stop_signals();
  const auto calls = find_calls();
  if (!calls) {
    return complain(
        kWskRun,
        fmt::format("{} is not beside this program, where it is installed, nor elsewhere",
                    kLibrary),
        kExitUsage);
  }
  std::array<char, 1024> sentence{};
  int outcome =
      calls->start(path.c_str(), lines_of(w.parameters).c_str(), sentence.data(), sentence.size());
  if (outcome != kOrielDriverRuns) return complain(kWskRun, sentence.data(), exit_code_of(outcome));
  static End end;  // the watching thread outlives this call
  watch_stop_signals([] { end.come(); });
  fmt::print(stderr, "oriel {}: {} runs\n", kWskRun, w.driver);
  end.wait(w.length);
  outcome = calls->stop(sentence.data(), sentence.size());
  const bool is_leak = outcome == kOrielDriverLeaks;
  return complain_unless_empty(sentence.data(),
                               is_leak && !w.is_verified ? kExitDone : exit_code_of(outcome));
}

int run_driver(const DriverWords& w) {
  if (::access(w.driver.c_str(), R_OK) != 0) {
    return complain(kWskRun, "there is no driver '" + w.driver + "' to read", kExitUsage);
  }
  export_options(w.options);
  if (w.is_verified) ::setenv("ORIEL_VERIFIER", "1", 1);
  if (const auto ok = check_environment(process_environment()); !ok) {
    return complain(kWskRun, ok.error().message(), kExitUsage);
  }
  // Without a folder the dynamic linker would look elsewhere.
  return host_driver(w, w.driver.find('/') == w.driver.npos ? "./" + w.driver : w.driver);
}

}  // namespace

void add_wsk_run(CLI::App& app, Run& run) {
  CLI::App* verb = app.add_subcommand(
      kWskRun, "Runs the body of a Windows driver with WSK sockets on a stack of its own.");
  auto w = std::make_shared<DriverWords>();
  verb->add_option("DRIVER", w->driver, "the driver: a shared object with a DriverEntry")
      ->required();
  verb->add_option("--parameter", w->parameters,
                   "NAME=VALUE in the driver's registry key, under Parameters; may be repeated")
      ->take_all()
      ->allow_extra_args(false);
  verb->add_flag("--verifier", w->is_verified,
                 "ends with a sentence where a driver may not do what it does: blocking at "
                 "DISPATCH_LEVEL, an IRP completed twice, pool left behind");
  add_unit_option(verb, "--seconds", w->length, parse_length,
                  "ends after this time, as in 5 or 500ms, if no interrupt comes before");
  add_run_options(*verb, w->options);
  verb->footer(
      "The driver's DriverEntry is called, and its DriverUnload at the first interrupt; a second "
      "one ends\nthe program. Messages of the driver (DbgPrint) go to the standard error.\n"
      "Examples:\n"
      "  cc -shared echo.c -o echo.so $(pkg-config --cflags --libs oriel-wsk)\n"
      "  oriel wsk-run echo.so --publish 8007:40007\n"
      "  oriel wsk-run echo.so --link tun:oriel0 --address 10.0.0.2/24 --parameter Port=7");
  verb->callback([w, &run] { run = [w] { return run_driver(*w); }; });
}

}  // namespace oriel::cli
