// Making the host from the environment, counting its users, and the two hooks: exit and fork.
#include "stack/process_host.h"

#include <pthread.h>

#include <atomic>
#include <cstdlib>
#include <mutex>

#include "oriel/settings_store.h"
#include "runtime/clock.h"

namespace oriel::stack {
namespace {

/// Never destroyed: exit runs destructors while threads may still call.
struct State {
  std::mutex mutex;
  std::size_t users = 0;
  bool is_ending = false;  ///< exit has begun
  ProcessConfig config;
  std::shared_ptr<HostImpl> host;
  std::shared_ptr<HostImpl> forking;  ///< between the hooks of a fork
  bool are_hooks_set = false;
};

State& state() {
  static State* const one = new State;
  return *one;
}

std::atomic<bool> is_child{false};

// The first of two programs with the same path makes it, the second finds it.
Result<std::unique_ptr<Device>> open_or_make(const std::string& spec) {
  auto device = open_link(spec);
  const bool is_unix = spec.starts_with("unix:");
  if (device || !is_unix) return device;
  const ErrorCode code = device.error().code;
  if (code != ErrorCode::kNotFound && code != ErrorCode::kConnectionRefused) return device;
  return open_link(spec, true);
}

Result<std::unique_ptr<Device>> open_device(const ProcessConfig& c) {
  if (c.link != "user") return open_or_make(c.link);
  UserNetOptions options;
  options.publish = c.publish;
  for (const Prefix& p : c.addresses) {
    auto& address = p.address.is_v4() ? options.address_v4 : options.address_v6;
    if (!address) address = p.address;
  }
  return open_user_net(options);
}

Result<std::shared_ptr<link::Capture>> open_capture(const ProcessConfig& c,
                                                    const DeviceInfo& device) {
  if (c.pcap.empty()) return nullptr;
  const Duration offset = runtime::wall_clock_offset();
  return link::Capture::open(c.pcap, device.framing,
                             [offset] { return runtime::real_now() + offset; });
}

// Without the names that it needs (another user has them, or no descriptor is left) the process is
// alone on its loopback, as one with ORIEL_HOST=none.
std::unique_ptr<loopback::Domain> join_domain(const ProcessConfig& c) {
  if (c.host == "none") return nullptr;
  auto domain = loopback::Domain::join(c.host);
  return domain ? std::move(*domain) : nullptr;
}

// The machine's own loopback with the other processes', or neither.
void join_loopback(const ProcessConfig& c, const HostSettings& settings, Core& core) {
  auto domain = join_domain(c);
  if (domain == nullptr) return;
  core.join_loopback(std::move(domain));
  if (!settings.is_native_loopback) return;
  core.join_kernel_loopback(std::make_unique<loopback::KernelNet>(c.publish));
}

Result<std::shared_ptr<HostImpl>> make_host(const ProcessConfig& c, const SettingsStore& settings,
                                            std::unique_ptr<SettingsWatch> watch) {
  auto device = open_device(c);
  if (!device) return Failure(device.error());
  auto capture = open_capture(c, (*device)->info());
  if (!capture) return Failure(capture.error());
  if (*capture != nullptr) device = (*capture)->wrap(std::move(*device));
  HostOptions host_options;
  host_options.settings = settings.host_settings();
  auto host = std::make_shared<HostImpl>(host_options);
  // Rules that cannot be read stop the stack: they may be what keeps somebody out.
  if (const auto loaded = watch->rules().load(host->core().filters()); !loaded) {
    return Failure(loaded.error());
  }
  host->core().capture_loopback(std::move(*capture));
  join_loopback(c, host_options.settings, host->core());
  host->follow_settings(std::move(watch));
  host->start();
  host->let_parked_threads_drive();
  LinkOptions options;
  options.addresses = c.addresses;
  options.gateway_v4 = c.gateway_v4;
  options.gateway_v6 = c.gateway_v6;
  options.bits_per_second = c.link_bits_per_second;
  const auto added = host->add_link(std::move(*device), options);
  if (!added) {
    host->stop();
    return Failure(added.error());
  }
  return host;
}

void on_exit() {
  if (is_child) return;
  State& s = state();
  const std::lock_guard hold(s.mutex);
  s.is_ending = true;
  if (s.host != nullptr) s.host->end(s.config.end_wait);
}

// Nobody is in the middle of the host while its memory is copied.
void before_fork() {
  if (is_child) return;
  State& s = state();
  s.mutex.lock();
  s.forking = s.host;
  if (s.forking != nullptr) s.forking->before_fork();
}

void after_fork_in_parent() {
  if (is_child) return;
  State& s = state();
  if (s.forking != nullptr) s.forking->after_fork_in_parent();
  s.forking.reset();
  s.mutex.unlock();
}

void after_fork_in_child() {
  if (is_child) return;
  State& s = state();
  if (s.forking != nullptr) {
    is_child = true;
    s.forking->after_fork_in_child();
    new std::shared_ptr<HostImpl>(s.forking);  // stays for ever: its thread is the parent's
  }
  s.mutex.unlock();
}

}  // namespace

Result<void> ProcessHost::acquire() {
  if (is_child) {
    return fail(
        ErrorCode::kNotSupported,
        "this process was forked from one that uses the stack, which stays with its parent: "
        "run a program by exec, or start the stack after the fork");
  }
  State& s = state();
  const std::lock_guard hold(s.mutex);
  if (s.is_ending) return fail(ErrorCode::kShutDown, "the process is ending, and its stack has");
  if (s.users == 0) {
    const Environment environment = process_environment();
    auto config = read_process_config(environment);
    if (!config) return Failure(config.error());
    auto watch = std::make_unique<SettingsWatch>(environment);  // before what it watches is read
    const auto settings = SettingsStore::open(environment);
    if (!settings) return Failure(settings.error());
    auto host = make_host(*config, *settings, std::move(watch));
    if (!host) return Failure(host.error());
    s.config = std::move(*config);
    s.host = std::move(*host);
    if (!s.are_hooks_set) {
      std::atexit(on_exit);
      ::pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
      s.are_hooks_set = true;
    }
  }
  ++s.users;
  return {};
}

void ProcessHost::release() {
  if (is_child) return;
  State& s = state();
  const std::lock_guard hold(s.mutex);
  if (s.users == 0 || --s.users != 0 || s.is_ending) return;
  s.host->end(s.config.end_wait);
  s.host.reset();
}

HostImpl& ProcessHost::host() {
  return *state().host;
}

std::shared_ptr<HostImpl> ProcessHost::shared() {
  return state().host;
}

const ProcessConfig& ProcessHost::config() {
  return state().config;
}

bool ProcessHost::is_forked() {
  return is_child;
}

}  // namespace oriel::stack

namespace oriel {

Result<Host> Host::of_process() {
  if (const auto r = stack::ProcessHost::acquire(); !r) return Failure(r.error());
  Host host(stack::ProcessHost::shared());
  host.is_of_process_ = true;
  return host;
}

}  // namespace oriel
