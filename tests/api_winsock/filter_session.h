// A session of the filter engine around a case, and the shortest way to a filter.
#pragma once

#include <fwpmu.h>

#include <utility>
#include <vector>

#include "support/win_case.h"

/// Dynamic: what a case adds goes with it.
class FilterSession {
 public:
  explicit FilterSession(UINT32 flags = FWPM_SESSION_FLAG_DYNAMIC) {
    FWPM_SESSION0 session{};
    session.flags = flags;
    CHECK_EQ(FwpmEngineOpen0(nullptr, RPC_C_AUTHN_WINNT, nullptr, &session, &handle_), 0u);
  }
  ~FilterSession() { close(); }
  FilterSession(const FilterSession&) = delete;
  FilterSession& operator=(const FilterSession&) = delete;

  HANDLE handle() const { return handle_; }
  void close() {
    if (handle_ != nullptr) CHECK_EQ(FwpmEngineClose0(std::exchange(handle_, nullptr)), 0u);
  }

 private:
  HANDLE handle_ = nullptr;
};

inline wchar_t filter_name[] = L"a test's";

inline FWPM_FILTER0 filter_at(const GUID& layer, FWP_ACTION_TYPE action) {
  FWPM_FILTER0 f{};
  f.displayData.name = filter_name;
  f.layerKey = layer;
  f.action.type = action;
  return f;
}

inline FWPM_FILTER_CONDITION0 port_condition(const GUID& field, UINT16 port) {
  FWPM_FILTER_CONDITION0 c{};
  c.fieldKey = field;
  c.matchType = FWP_MATCH_EQUAL;
  c.conditionValue.type = FWP_UINT16;
  c.conditionValue.uint16 = port;
  return c;
}

inline UINT64 add(const FilterSession& session, FWPM_FILTER0 filter,
                  std::vector<FWPM_FILTER_CONDITION0> conditions = {}) {
  filter.numFilterConditions = static_cast<UINT32>(conditions.size());
  filter.filterCondition = conditions.data();
  UINT64 id = 0;
  CHECK_EQ(FwpmFilterAdd0(session.handle(), &filter, nullptr, &id), 0u);
  return id;
}

inline void add_sublayer(const FilterSession& session, const GUID& key, UINT16 weight) {
  FWPM_SUBLAYER0 s{};
  s.subLayerKey = key;
  s.displayData.name = filter_name;
  s.weight = weight;
  CHECK_EQ(FwpmSubLayerAdd0(session.handle(), &s, nullptr), 0u);
}

inline void add_callout(const FilterSession& session, const GUID& key, const GUID& layer) {
  FWPM_CALLOUT0 c{};
  c.calloutKey = key;
  c.displayData.name = filter_name;
  c.applicableLayer = layer;
  CHECK_EQ(FwpmCalloutAdd0(session.handle(), &c, nullptr, nullptr), 0u);
}
