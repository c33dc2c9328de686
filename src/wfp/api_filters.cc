// Filters: added, deleted, looked up, enumerated.
#include <fwpmu.h>

#include <algorithm>

#include "wfp/engine_state.h"
#include "wfp/given_memory.h"

using namespace oriel::wfp;  // NOLINT(google-build-using-namespace)

namespace {

// A template's layer has to be equal; provider, callout and action only where it names some.
// Conditions of a template are not looked at.
bool matches(const FWPM_FILTER0& f, const FWPM_FILTER_ENUM_TEMPLATE0& t) {
  if (f.layerKey != t.layerKey) return false;
  if (t.providerKey != nullptr && (f.providerKey == nullptr || *f.providerKey != *t.providerKey)) {
    return false;
  }
  const bool has_callout = (f.action.type & FWP_ACTION_FLAG_CALLOUT) != 0;
  if (t.calloutKey != nullptr && (!has_callout || f.action.calloutKey != *t.calloutKey)) {
    return false;
  }
  return t.actionMask == 0xffffffff || (f.action.type & t.actionMask) != 0;
}

template <class Find>
DWORD get_filter(HANDLE engine, FWPM_FILTER0** out, Find find) {
  if (out == nullptr) return kNullPointer;
  *out = nullptr;
  return EngineState::instance().read(engine, [&](const Store& store) {
    auto found = find(store);
    if (found == nullptr) return static_cast<DWORD>(FWP_E_FILTER_NOT_FOUND);
    *out = give_filter(std::move(found));
    return DWORD{ERROR_SUCCESS};
  });
}

}  // namespace

DWORD WINAPI FwpmFilterAdd0(HANDLE engineHandle, const FWPM_FILTER0* filter, PVOID /*sd*/,
                            UINT64* id) {
  if (filter == nullptr) return kNullPointer;
  UINT64 made = 0;
  const DWORD e = EngineState::instance().write(engineHandle, [&](Store& store, SessionId owner) {
    return store.add_filter(*filter, owner, made);
  });
  if (e == ERROR_SUCCESS && id != nullptr) *id = made;
  return e;
}

DWORD WINAPI FwpmFilterDeleteById0(HANDLE engineHandle, UINT64 id) {
  return EngineState::instance().write(
      engineHandle, [&](Store& store, SessionId) { return store.delete_filter(id); });
}

DWORD WINAPI FwpmFilterDeleteByKey0(HANDLE engineHandle, const GUID* key) {
  if (key == nullptr) return kNullPointer;
  return EngineState::instance().write(
      engineHandle, [&](Store& store, SessionId) { return store.delete_filter(*key); });
}

DWORD WINAPI FwpmFilterGetById0(HANDLE engineHandle, UINT64 id, FWPM_FILTER0** filter) {
  return get_filter(engineHandle, filter, [id](const Store& store) { return store.filter(id); });
}

DWORD WINAPI FwpmFilterGetByKey0(HANDLE engineHandle, const GUID* key, FWPM_FILTER0** filter) {
  if (key == nullptr) return kNullPointer;
  return get_filter(engineHandle, filter, [key](const Store& store) { return store.filter(*key); });
}

// Heaviest first (documented).
DWORD WINAPI FwpmFilterCreateEnumHandle0(HANDLE engineHandle,
                                         const FWPM_FILTER_ENUM_TEMPLATE0* enumTemplate,
                                         HANDLE* enumHandle) {
  if (enumHandle == nullptr) return kNullPointer;
  *enumHandle = nullptr;
  EngineState::Filters filters;
  const DWORD e = EngineState::instance().read(engineHandle, [&](const Store& store) {
    for (const auto& [key, entry] : store.filters()) {
      if (enumTemplate == nullptr || matches(entry.filter->raw(), *enumTemplate)) {
        filters.push_back(entry.filter);
      }
    }
    return DWORD{ERROR_SUCCESS};
  });
  if (e != ERROR_SUCCESS) return e;
  std::sort(filters.begin(), filters.end(), [](const auto& a, const auto& b) {
    const UINT64 wa = *a->raw().effectiveWeight.uint64;
    const UINT64 wb = *b->raw().effectiveWeight.uint64;
    return wa != wb ? wa > wb : a->id() < b->id();
  });
  return EngineState::instance().begin_enumeration(engineHandle, std::move(filters), *enumHandle);
}

DWORD WINAPI FwpmFilterEnum0(HANDLE engineHandle, HANDLE enumHandle, UINT32 numEntriesRequested,
                             FWPM_FILTER0*** entries, UINT32* numEntriesReturned) {
  if (entries == nullptr || numEntriesReturned == nullptr) return kNullPointer;
  *entries = nullptr;
  *numEntriesReturned = 0;
  EngineState::Filters filters;
  const DWORD e =
      EngineState::instance().next_of(engineHandle, enumHandle, numEntriesRequested, filters);
  if (e != ERROR_SUCCESS) return e;
  *numEntriesReturned = static_cast<UINT32>(filters.size());
  *entries = give_filters(std::move(filters));
  return ERROR_SUCCESS;
}

DWORD WINAPI FwpmFilterDestroyEnumHandle0(HANDLE engineHandle, HANDLE enumHandle) {
  return EngineState::instance().end_enumeration(engineHandle, enumHandle);
}
