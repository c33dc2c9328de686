// A filter as its program gave it, copied and checked, with the rule that it becomes.
//
// Immutable once made, so that transactions and enumerations share it. `raw` points into the other
// members: what FwpmFilterEnum0 and FwpmFilterGetBy* hand out is `raw` itself.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "wfp/guids.h"

namespace oriel::wfp {

inline constexpr UINT32 kConditionsMax = 1024;

class StoredFilter {
 public:
  /// Copies and checks. Errors: FWP_E_*, as the documentation of FwpmFilterAdd0 names them;
  /// ERROR_NOT_SUPPORTED for filters that shall outlive the process. Whether the sublayer, the
  /// provider and the callout exist is the store's question.
  static DWORD make(const FWPM_FILTER0& given, UINT64 id, std::shared_ptr<const StoredFilter>& out);

  StoredFilter(const StoredFilter&) = delete;
  StoredFilter& operator=(const StoredFilter&) = delete;

  const FWPM_FILTER0& raw() const { return raw_; }
  const GUID& key() const { return raw_.filterKey; }
  UINT64 id() const { return raw_.filterId; }
  const Layer& layer() const { return layer_; }
  bool has_callout() const { return (raw_.action.type & FWP_ACTION_FLAG_CALLOUT) != 0; }
  /// Without sublayer and callout.
  const FilterRule& rule() const { return rule_; }

 private:
  StoredFilter() = default;
  DWORD fill(const FWPM_FILTER0& given, UINT64 id);
  DWORD copy_weight();
  DWORD copy_conditions(const FWPM_FILTER0& given);
  void own(FWP_CONDITION_VALUE0& value);
  void own(FWP_VALUE0& value);

  FWPM_FILTER0 raw_{};
  Layer layer_;
  FilterRule rule_;
  std::wstring name_;
  std::wstring description_;
  GUID provider_{};
  std::vector<UINT8> provider_data_;
  UINT64 weight_ = 0;
  UINT64 given_weight_ = 0;
  std::vector<FWPM_FILTER_CONDITION0> conditions_;
  std::deque<FWP_BYTE_ARRAY16> arrays_;
  std::deque<FWP_V4_ADDR_AND_MASK> v4_masks_;
  std::deque<FWP_V6_ADDR_AND_MASK> v6_masks_;
  std::deque<FWP_RANGE0> ranges_;
};

}  // namespace oriel::wfp
