// The list and its order. Matching a socket's triple narrows by family, then type, then protocol,
// and the error names the step that left nothing.
#include "winsock/catalogue.h"

#include <algorithm>
#include <cstring>

#include "winsock/base_provider.h"
#include "winsock/protocol_info.h"

namespace oriel::winsock {
namespace {

bool is_same(const GUID& a, const GUID& b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}

bool is_asked(const INT* protocols, INT protocol) {
  if (protocols == nullptr) return true;
  for (; *protocols != 0; ++protocols) {
    if (*protocols == protocol) return true;
  }
  return false;
}

bool is_shown(const WSAPROTOCOL_INFOW& info, bool with_layers) {
  return with_layers || (info.ProtocolChain.ChainLen != LAYERED_PROTOCOL &&
                         (info.dwProviderFlags & PFL_HIDDEN) == 0);
}

bool is_chain_sound(const WSAPROTOCOL_INFOW& info) {
  const int length = info.ProtocolChain.ChainLen;
  return length >= LAYERED_PROTOCOL && length <= MAX_PROTOCOL_CHAIN;
}

}  // namespace

Catalogue& Catalogue::instance() {
  static Catalogue* const catalogue = new Catalogue;  // outlives every thread of the program
  return *catalogue;
}

Catalogue::Catalogue() : base_(std::make_shared<Provider>()), next_id_(kFirstCatalogueId) {
  base_->id = base_protocols()[0].ProviderId;
  base_->path = L"%SystemRoot%\\system32\\mswsock.dll";  // what programs expect to read
  base_->startup = base_wsp_startup;
  for (const WSAPROTOCOL_INFOW& info : base_protocols()) {
    entries_.push_back({info, base_});
    ++next_id_;
  }
}

std::vector<WSAPROTOCOL_INFOW> Catalogue::list(const INT* protocols, bool with_layers) const {
  const runtime::LockHold hold(lock_);
  std::vector<WSAPROTOCOL_INFOW> out;
  for (const CatalogueEntry& entry : entries_) {
    if (is_asked(protocols, entry.info.iProtocol) && is_shown(entry.info, with_layers)) {
      out.push_back(entry.info);
    }
  }
  return out;
}

INT Catalogue::find(int family, int type, int protocol, CatalogueEntry& out) const {
  if (family == AF_UNSPEC && type == 0 && protocol == 0) return WSAEINVAL;
  const runtime::LockHold hold(lock_);
  INT error = WSAEAFNOSUPPORT;
  for (const CatalogueEntry& entry : entries_) {
    if (!is_shown(entry.info, false) || !is_family(entry.info, family)) continue;
    if (!is_type(entry.info, type)) {
      if (error == WSAEAFNOSUPPORT) error = WSAESOCKTNOSUPPORT;
      continue;
    }
    error = WSAEPROTONOSUPPORT;
    if (!is_protocol(entry.info, protocol)) continue;
    out = entry;
    return 0;
  }
  return error;
}

INT Catalogue::find_id(DWORD id, CatalogueEntry& out) const {
  const runtime::LockHold hold(lock_);
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const CatalogueEntry& e) {
    return e.info.dwCatalogEntryId == id;
  });
  if (found == entries_.end()) return WSAEINVAL;
  out = *found;
  return 0;
}

INT Catalogue::install(const GUID& id, const std::wstring& path,
                       std::span<const WSAPROTOCOL_INFOW> infos) {
  if (path.empty() || path.size() >= kProviderPathMax || infos.empty()) return WSAEINVAL;
  if (!std::all_of(infos.begin(), infos.end(), is_chain_sound)) return WSAEINVAL;
  const runtime::LockHold hold(lock_);
  if (entries_.size() + infos.size() > kCatalogueEntriesMax) return WSAENOBUFS;
  for (const CatalogueEntry& entry : entries_) {
    if (is_same(entry.info.ProviderId, id)) return WSAEINVAL;
  }
  auto provider = std::make_shared<Provider>();
  provider->id = id;
  provider->path = path;
  for (const WSAPROTOCOL_INFOW& info : infos) {
    entries_.push_back({info, provider});
    entries_.back().info.ProviderId = id;
    entries_.back().info.dwCatalogEntryId = next_id_++;
  }
  return 0;
}

INT Catalogue::deinstall(const GUID& id) {
  const runtime::LockHold hold(lock_);
  const std::size_t removed = std::erase_if(entries_, [&](const CatalogueEntry& entry) {
    return entry.provider != base_ && is_same(entry.info.ProviderId, id);
  });
  return removed == 0 ? WSAEINVAL : 0;
}

INT Catalogue::path_of(const GUID& id, std::wstring& path) const {
  const runtime::LockHold hold(lock_);
  for (const CatalogueEntry& entry : entries_) {
    if (!is_same(entry.info.ProviderId, id)) continue;
    path = entry.provider->path;
    return 0;
  }
  return WSAEINVAL;
}

INT Catalogue::reorder(std::span<const DWORD> ids) {
  const runtime::LockHold hold(lock_);
  if (ids.size() != entries_.size()) return WSAEINVAL;
  std::vector<CatalogueEntry> ordered;
  for (const DWORD id : ids) {
    const auto is_it = [&](const CatalogueEntry& e) { return e.info.dwCatalogEntryId == id; };
    const auto found = std::find_if(entries_.begin(), entries_.end(), is_it);
    const bool is_new = std::none_of(ordered.begin(), ordered.end(), is_it);
    if (found == entries_.end() || !is_new) return WSAEINVAL;
    ordered.push_back(*found);
  }
  entries_ = std::move(ordered);
  return 0;
}

}  // namespace oriel::winsock
