// The protocol catalogue of the process: which providers there are, in which order, and which one a
// new socket gets.
//
// Entries 1001 to 1004 are the base provider's; others come from WSCInstallProvider and live as
// long as the process (nothing is stored: O). A provider is started when its first socket is
// opened, and stays loaded. A path is "self:SYMBOL" (a WSPStartup that the program exports) or a
// shared object that exports WSPStartup.
#pragma once

#include <winsock2.h>
#include <ws2spi.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/lock.h"

namespace oriel::winsock {

inline constexpr std::size_t kCatalogueEntriesMax = 256;
inline constexpr std::size_t kProviderPathMax = 260;  // MAX_PATH, with the zero

/// One provider: code with a WSPStartup, shared by its catalogue entries. Never destroyed once
/// started.
struct Provider {
  GUID id{};
  std::wstring path;
  LPWSPSTARTUP startup = nullptr;  ///< found
  bool is_started = false;
  WSPPROC_TABLE table{};
};

struct CatalogueEntry {
  WSAPROTOCOL_INFOW info{};
  std::shared_ptr<Provider> provider;
};

/// Thread: any, every call.
class Catalogue {
 public:
  static Catalogue& instance();

  Catalogue();

  /// The entries in order. `with_layers`: also hidden ones and layered protocols themselves
  /// (WSCEnumProtocols). `protocols`: a list that ends with 0; NULL: all.
  std::vector<WSAPROTOCOL_INFOW> list(const INT* protocols, bool with_layers) const;

  /// The entry that a socket of this triple gets: WSAEINVAL (all zero), WSAEAFNOSUPPORT,
  /// WSAESOCKTNOSUPPORT, WSAEPROTONOSUPPORT.
  INT find(int family, int type, int protocol, CatalogueEntry& out) const;
  INT find_id(DWORD id, CatalogueEntry& out) const;

  /// Adds entries under one provider. WSAEINVAL: the id exists, an empty or too long path, a bad
  /// chain; WSAENOBUFS: kCatalogueEntriesMax.
  INT install(const GUID& id, const std::wstring& path, std::span<const WSAPROTOCOL_INFOW> infos);
  INT deinstall(const GUID& id);  ///< WSAEINVAL: unknown, or the base provider's
  INT path_of(const GUID& id, std::wstring& path) const;  ///< WSAEINVAL
  /// All ids, each once, in the order to be.
  INT reorder(std::span<const DWORD> ids);

  /// The table of an entry's provider, which is started if it was not: WSAEPROVIDERFAILEDINIT,
  /// WSAEINVALIDPROVIDER, WSAEINVALIDPROCTABLE, or what its WSPStartup said.
  INT start(const CatalogueEntry& entry, const WSPPROC_TABLE*& table);
  INT start_base();  ///< before anything else (the first WSAStartup)
  /// WSPCleanup of all that are started (the last WSACleanup).
  void clean_up();

  /// The base provider's table. Requires: started.
  const WSPPROC_TABLE& base_table() const { return base_->table; }
  bool is_base(const WSPPROC_TABLE& table) const { return &table == &base_->table; }

 private:
  mutable runtime::Lock lock_;
  std::vector<CatalogueEntry> entries_;
  std::vector<std::shared_ptr<Provider>> started_;  // kept for ever: their tables are handed out
  std::shared_ptr<Provider> base_;
  DWORD next_id_;
};

/// Is every one of the 30 functions there?
bool is_whole(const WSPPROC_TABLE& table);

}  // namespace oriel::winsock
