// One condition of a filter, from Windows' form into a rule's lists.
#pragma once

#include "wfp/guids.h"

namespace oriel::wfp {

/// Adds the condition to the rule. Conditions on the same field are alternatives (documented).
/// Returns ERROR_SUCCESS or FWP_E_CONDITION_NOT_FOUND (no field of this engine),
/// FWP_E_TYPE_MISMATCH, FWP_E_MATCH_TYPE_MISMATCH, FWP_E_INVALID_ENUMERATOR, FWP_E_INVALID_RANGE,
/// FWP_E_INVALID_NET_MASK, FWP_E_NULL_POINTER, FWP_E_NEVER_MATCH.
DWORD add_condition(const FWPM_FILTER_CONDITION0& condition, const Layer& layer, FilterRule& rule);

}  // namespace oriel::wfp
