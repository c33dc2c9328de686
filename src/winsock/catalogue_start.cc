// Starting and ending providers: finding WSPStartup behind a path, negotiating 2.2, checking the
// table.
//
// A provider's WSPStartup runs without the catalogue's lock, because a layered one enumerates the
// catalogue and starts the provider below from there. Two threads that open the first socket
// together both call it; a provider counts its startups, and the second is taken back.
#include <algorithm>
#include <cstring>
#include <utility>

#include "runtime/shared_object.h"
#include "win32/utf8.h"
#include "winsock/catalogue.h"
#include "winsock/protocol_info.h"
#include "winsock/upcalls.h"

namespace oriel::winsock {
namespace {

constexpr WORD kSpiVersion = MAKEWORD(2, 2);
constexpr std::string_view kSelf = "self:";

LPWSPSTARTUP find_startup(const std::wstring& path) {
  const std::string name = win32::narrow(path);
  void* found = nullptr;
  if (name.starts_with(kSelf)) {
    found = runtime::find_own_symbol(name.substr(kSelf.size()));
  } else {
    found = runtime::find_symbol(name, "WSPStartup");
    // As our own header names a function of that name.
    if (found == nullptr) found = runtime::find_symbol(name, "oriel_WSPStartup");
  }
  return reinterpret_cast<LPWSPSTARTUP>(found);
}

INT call_startup(LPWSPSTARTUP startup, const WSAPROTOCOL_INFOW& info, WSPPROC_TABLE& table) {
  WSPDATA data{};
  WSAPROTOCOL_INFOW own = info;
  const INT error = startup(kSpiVersion, &data, &own, upcall_table(), &table);
  if (error != 0) return error;
  if (is_whole(table)) return 0;
  INT ignored = 0;
  if (table.lpWSPCleanup != nullptr) table.lpWSPCleanup(&ignored);
  return WSAEINVALIDPROCTABLE;
}

}  // namespace

bool is_whole(const WSPPROC_TABLE& table) {
  using Function = void (*)();
  constexpr std::size_t kFunctions = 30;
  static_assert(sizeof(WSPPROC_TABLE) == kFunctions * sizeof(Function));
  const auto* functions = reinterpret_cast<void* const*>(&table);
  for (std::size_t i = 0; i < kFunctions; ++i) {
    if (functions[i] == nullptr) return false;
  }
  return true;
}

INT Catalogue::start(const CatalogueEntry& entry, const WSPPROC_TABLE*& table) {
  const std::shared_ptr<Provider> provider = entry.provider;
  LPWSPSTARTUP startup = nullptr;
  {
    const runtime::LockHold hold(lock_);
    table = &provider->table;
    if (provider->is_started) return 0;
    startup = provider->startup;
  }
  if (startup == nullptr) startup = find_startup(provider->path);
  if (startup == nullptr) return WSAEPROVIDERFAILEDINIT;
  WSPPROC_TABLE fresh{};
  const INT error = call_startup(startup, entry.info, fresh);
  if (error != 0) return error;
  bool is_second = false;
  {
    const runtime::LockHold hold(lock_);
    is_second = provider->is_started;
    if (!is_second) {
      provider->startup = startup;
      // Calls of other threads may be reading it: a provider that starts again is the same.
      if (std::memcmp(&provider->table, &fresh, sizeof fresh) != 0) provider->table = fresh;
      provider->is_started = true;
      if (std::find(started_.begin(), started_.end(), provider) == started_.end()) {
        started_.push_back(provider);
      }
    }
  }
  INT ignored = 0;
  if (is_second) fresh.lpWSPCleanup(&ignored);
  return 0;
}

INT Catalogue::start_base() {
  const WSPPROC_TABLE* ignored = nullptr;
  return start({base_protocols()[0], base_}, ignored);
}

void Catalogue::clean_up() {
  std::vector<std::shared_ptr<Provider>> started;
  {
    const runtime::LockHold hold(lock_);
    started = started_;
  }
  for (auto last = started.rbegin(); last != started.rend(); ++last) {
    {
      const runtime::LockHold hold(lock_);
      if (!std::exchange((*last)->is_started, false)) continue;
    }
    INT ignored = 0;
    (*last)->table.lpWSPCleanup(&ignored);
  }
}

}  // namespace oriel::winsock
