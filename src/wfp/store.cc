// References are checked when they are made, and hold what they refer to.
#include "wfp/store.h"

#include <algorithm>

namespace oriel::wfp {
namespace {

template <class Map, class Uses>
bool any_of(const Map& map, Uses uses) {
  return std::any_of(map.begin(), map.end(), [&](const auto& entry) { return uses(entry.second); });
}

}  // namespace

DWORD Store::check_provider(const GUID* key) const {
  return key == nullptr || providers_.contains(*key) ? ERROR_SUCCESS
                                                     : error(FWP_E_PROVIDER_NOT_FOUND);
}

DWORD Store::add_provider(const FWPM_PROVIDER0& given, SessionId owner) {
  if (given.displayData.name == nullptr) return error(FWP_E_NULL_DISPLAY_NAME);
  if (given.flags == FWPM_PROVIDER_FLAG_PERSISTENT) return ERROR_NOT_SUPPORTED;
  if (given.flags != 0) return error(FWP_E_INVALID_FLAGS);
  const GUID key = is_zero(given.providerKey) ? new_guid() : given.providerKey;
  return providers_.try_emplace(key, Provider{owner}).second ? ERROR_SUCCESS
                                                             : error(FWP_E_ALREADY_EXISTS);
}

DWORD Store::delete_provider(const GUID& key) {
  if (!providers_.contains(key)) return error(FWP_E_PROVIDER_NOT_FOUND);
  const bool is_used = any_of(filters_, [&](const Filter& f) {
    const GUID* provider = f.filter->raw().providerKey;
    return provider != nullptr && *provider == key;
  });
  if (is_used) return error(FWP_E_IN_USE);
  providers_.erase(key);
  return ERROR_SUCCESS;
}

DWORD Store::add_sublayer(const FWPM_SUBLAYER0& given, SessionId owner) {
  if (given.displayData.name == nullptr) return error(FWP_E_NULL_DISPLAY_NAME);
  if (given.flags == FWPM_SUBLAYER_FLAG_PERSISTENT) return ERROR_NOT_SUPPORTED;
  if (given.flags != 0) return error(FWP_E_INVALID_FLAGS);
  if (const DWORD e = check_provider(given.providerKey); e != ERROR_SUCCESS) return e;
  if (given.subLayerKey == FWPM_SUBLAYER_UNIVERSAL) return error(FWP_E_ALREADY_EXISTS);
  if (sublayers_.size() + 1 >= kSublayersMax) return error(FWP_E_TOO_MANY_SUBLAYERS);
  const GUID key = is_zero(given.subLayerKey) ? new_guid() : given.subLayerKey;
  return sublayers_.try_emplace(key, Sublayer{owner, given.weight}).second
             ? ERROR_SUCCESS
             : error(FWP_E_ALREADY_EXISTS);
}

DWORD Store::delete_sublayer(const GUID& key) {
  if (key == FWPM_SUBLAYER_UNIVERSAL) return error(FWP_E_BUILTIN_OBJECT);
  if (!sublayers_.contains(key)) return error(FWP_E_SUBLAYER_NOT_FOUND);
  if (any_of(filters_, [&](const Filter& f) { return f.filter->raw().subLayerKey == key; })) {
    return error(FWP_E_IN_USE);
  }
  sublayers_.erase(key);
  return ERROR_SUCCESS;
}

DWORD Store::add_callout(const FWPM_CALLOUT0& given, SessionId owner, UINT32& id) {
  if (given.displayData.name == nullptr) return error(FWP_E_NULL_DISPLAY_NAME);
  if (given.flags == FWPM_CALLOUT_FLAG_PERSISTENT) return ERROR_NOT_SUPPORTED;
  if (given.flags != 0) return error(FWP_E_INVALID_FLAGS);
  if (const DWORD e = check_provider(given.providerKey); e != ERROR_SUCCESS) return e;
  if (!layer_of(given.applicableLayer)) return error(FWP_E_LAYER_NOT_FOUND);
  const GUID key = is_zero(given.calloutKey) ? new_guid() : given.calloutKey;
  if (callouts_.contains(key)) return error(FWP_E_ALREADY_EXISTS);
  id = ++last_callout_;
  callouts_[key] = {owner, id, given.applicableLayer, std::make_shared<Binding>()};
  return ERROR_SUCCESS;
}

DWORD Store::delete_callout(const GUID& key) {
  if (!callouts_.contains(key)) return error(FWP_E_CALLOUT_NOT_FOUND);
  const bool is_used = any_of(filters_, [&](const Filter& f) {
    return f.filter->has_callout() && f.filter->raw().action.calloutKey == key;
  });
  if (is_used) return error(FWP_E_IN_USE);
  callouts_.erase(key);
  return ERROR_SUCCESS;
}

DWORD Store::delete_callout(UINT32 id) {
  for (const auto& [key, callout] : callouts_) {
    if (callout.id == id) return delete_callout(GUID(key));
  }
  return error(FWP_E_CALLOUT_NOT_FOUND);
}

DWORD Store::add_filter(const FWPM_FILTER0& given, SessionId owner, UINT64& id) {
  std::shared_ptr<const StoredFilter> filter;
  if (const DWORD e = StoredFilter::make(given, last_filter_ + 1, filter); e != ERROR_SUCCESS) {
    return e;
  }
  const FWPM_FILTER0& raw = filter->raw();
  if (const DWORD e = check_provider(raw.providerKey); e != ERROR_SUCCESS) return e;
  if (raw.subLayerKey != FWPM_SUBLAYER_UNIVERSAL && !sublayers_.contains(raw.subLayerKey)) {
    return error(FWP_E_SUBLAYER_NOT_FOUND);
  }
  if (filter->has_callout()) {
    const Callout* found = callout(raw.action.calloutKey);
    if (found == nullptr) return error(FWP_E_CALLOUT_NOT_FOUND);
    if (found->layer != raw.layerKey) return error(FWP_E_INCOMPATIBLE_LAYER);
  }
  if (!filters_.try_emplace(filter->key(), Filter{owner, filter}).second) {
    return error(FWP_E_ALREADY_EXISTS);
  }
  id = ++last_filter_;
  return ERROR_SUCCESS;
}

DWORD Store::delete_filter(const GUID& key) {
  return filters_.erase(key) != 0 ? ERROR_SUCCESS : error(FWP_E_FILTER_NOT_FOUND);
}

DWORD Store::delete_filter(UINT64 id) {
  const auto found = filter(id);
  return found != nullptr ? delete_filter(found->key()) : error(FWP_E_FILTER_NOT_FOUND);
}

// Filters first: they hold the others.
void Store::delete_owned(SessionId owner) {
  const auto is_owned = [owner](const auto& entry) { return entry.second.owner == owner; };
  std::erase_if(filters_, is_owned);
  // What another session's filter refers to stays, and belongs to nobody.
  for (auto at = callouts_.begin(); at != callouts_.end();) {
    const GUID key = at->first;
    const bool is_mine = is_owned(*at);
    at->second.owner = is_mine ? 0 : at->second.owner;
    ++at;
    if (is_mine) delete_callout(key);
  }
  for (auto at = sublayers_.begin(); at != sublayers_.end();) {
    const GUID key = at->first;
    const bool is_mine = is_owned(*at);
    at->second.owner = is_mine ? 0 : at->second.owner;
    ++at;
    if (is_mine) delete_sublayer(key);
  }
  std::erase_if(providers_, is_owned);
}

const Store::Callout* Store::callout(const GUID& key) const {
  const auto at = callouts_.find(key);
  return at == callouts_.end() ? nullptr : &at->second;
}

std::shared_ptr<const StoredFilter> Store::filter(UINT64 id) const {
  for (const auto& [key, entry] : filters_) {
    if (entry.filter->id() == id) return entry.filter;
  }
  return nullptr;
}

std::shared_ptr<const StoredFilter> Store::filter(const GUID& key) const {
  const auto at = filters_.find(key);
  return at == filters_.end() ? nullptr : at->second.filter;
}

}  // namespace oriel::wfp
