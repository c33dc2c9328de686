// Loading, DriverEntry, DriverUnload, and what is said when one of them is not to be had. REQ WSK-3
//
// The object is never unloaded: threads of the driver may still be on their way out of it.
#include <wdm.h>

#include <cstdio>
#include <string>
#include <utility>

#include "oriel/driver.h"
#include "runtime/shared_object.h"
#include "wdm/irql.h"
#include "wdm/pool.h"
#include "wdm/registry.h"
#include "win32/utf8.h"

namespace oriel::wdm {
namespace {

constexpr const wchar_t* kServices = L"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\";

/// "/tmp/echo_driver.so" is the service echo_driver.
std::wstring service_of(const std::string& path) {
  const std::size_t folder = path.find_last_of('/');
  const std::string file = folder == path.npos ? path : path.substr(folder + 1);
  return win32::widen(file.substr(0, file.find('.')));
}

class RunningDriver {
 public:
  explicit RunningDriver(const std::string& path)
      : service_(service_of(path)),
        registry_(kServices + service_),
        name_(L"\\Driver\\" + service_) {
    object_.Type = IO_TYPE_DRIVER;
    object_.Size = sizeof object_;
    object_.DriverExtension = &extension_;
    extension_.DriverObject = &object_;
    RtlInitUnicodeString(&extension_.ServiceKeyName, service_.c_str());
    RtlInitUnicodeString(&object_.DriverName, name_.c_str());
    RtlInitUnicodeString(&path_, registry_.c_str());
  }
  const std::wstring& registry_path() const { return registry_; }
  NTSTATUS enter(PDRIVER_INITIALIZE entry) {
    object_.DriverInit = entry;
    return entry(&object_, &path_);
  }
  /// False: it has none.
  bool unload() {
    if (object_.DriverUnload == nullptr) return false;
    object_.DriverUnload(&object_);
    return true;
  }

 private:
  const std::wstring service_;
  const std::wstring registry_;
  const std::wstring name_;
  UNICODE_STRING path_{};
  DRIVER_EXTENSION extension_{};
  DRIVER_OBJECT object_{};
};

RunningDriver* running = nullptr;

int say(char* sentence, std::size_t bytes, const std::string& text, int outcome) {
  std::snprintf(sentence, bytes, "%s", text.c_str());
  return outcome;
}

}  // namespace
}  // namespace oriel::wdm

using namespace oriel;
using namespace oriel::wdm;

int oriel_driver_start(const char* path, const char* parameters, char* sentence,
                       std::size_t sentence_bytes) {
  const std::string quoted = "'" + std::string(path) + "'";
  const auto refuse = [&](const std::string& text) {
    return say(sentence, sentence_bytes, text, kOrielDriverUnusable);
  };
  if (running != nullptr) return refuse("a driver runs already");
  RegistryKey key;
  if (!parse_key(parameters, key)) return refuse("a parameter is written NAME=VALUE");
  const runtime::FoundSymbol entry = runtime::load_symbol(path, "DriverEntry");
  if (!entry.is_loaded) return refuse(quoted + " cannot be loaded: " + entry.error);
  if (entry.address == nullptr) {
    return refuse(quoted + " is no driver: it exports no DriverEntry (in C++: extern \"C\")");
  }
  auto* driver = new RunningDriver(path);
  set_key(driver->registry_path() + L"\\Parameters", std::move(key));
  const NTSTATUS status = driver->enter(reinterpret_cast<PDRIVER_INITIALIZE>(entry.address));
  check(irql() == PASSIVE_LEVEL, "DriverEntry", "it came back above PASSIVE_LEVEL");
  if (NT_SUCCESS(status)) {
    running = driver;
    return say(sentence, sentence_bytes, "", kOrielDriverRuns);
  }
  char code[16];
  std::snprintf(code, sizeof code, "0x%08X", static_cast<unsigned>(status));
  return say(sentence, sentence_bytes, "the DriverEntry of " + quoted + " failed with " + code,
             kOrielDriverRefused);
}

int oriel_driver_stop(char* sentence, std::size_t sentence_bytes) {
  RunningDriver* driver = std::exchange(running, nullptr);
  if (!driver->unload()) {
    return say(sentence, sentence_bytes, "the driver has no DriverUnload: it ends with the process",
               kOrielDriverRuns);
  }
  check(irql() == PASSIVE_LEVEL, "DriverUnload", "it came back above PASSIVE_LEVEL");
  const PoolUse left = pool_use();
  if (left.blocks == 0) return say(sentence, sentence_bytes, "", kOrielDriverRuns);
  return say(sentence, sentence_bytes,
             "the driver left " + std::to_string(left.bytes) + " bytes of pool in " +
                 std::to_string(left.blocks) + " blocks behind",
             kOrielDriverLeaks);
}
