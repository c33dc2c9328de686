// Checks in the order in which the fields lie; the first that is wrong names the error.
#include "wfp/stored_filter.h"

#include "wfp/conditions.h"

namespace oriel::wfp {
namespace {

constexpr UINT32 kFlagsKnown =
    FWPM_FILTER_FLAG_PERSISTENT | FWPM_FILTER_FLAG_BOOTTIME |
    FWPM_FILTER_FLAG_HAS_PROVIDER_CONTEXT | FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT |
    FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED | FWPM_FILTER_FLAG_INDEXED;
constexpr UINT8 kWeightRangeMax = 15;
constexpr int kWeightRangeShift = 60;  // a range of weights is the highest 4 bits (documented)

bool is_action(FWP_ACTION_TYPE type) {
  switch (type) {
    case FWP_ACTION_BLOCK:
    case FWP_ACTION_PERMIT:
    case FWP_ACTION_CALLOUT_TERMINATING:
    case FWP_ACTION_CALLOUT_INSPECTION:
    case FWP_ACTION_CALLOUT_UNKNOWN:
      return true;
    default:
      return false;
  }
}

// UTF-8 of the program's text, for rules' names.
std::string narrow(const std::wstring& wide) {
  std::string out;
  for (const wchar_t c : wide) out += c < 0x80 ? static_cast<char>(c) : '?';
  return out;
}

}  // namespace

DWORD StoredFilter::make(const FWPM_FILTER0& given, UINT64 id,
                         std::shared_ptr<const StoredFilter>& out) {
  const std::shared_ptr<StoredFilter> made(new StoredFilter);
  if (const DWORD e = made->fill(given, id); e != ERROR_SUCCESS) return e;
  out = made;
  return ERROR_SUCCESS;
}

DWORD StoredFilter::fill(const FWPM_FILTER0& given, UINT64 id) {
  if (given.displayData.name == nullptr) return error(FWP_E_NULL_DISPLAY_NAME);
  if ((given.flags & ~kFlagsKnown) != 0) return error(FWP_E_INVALID_FLAGS);
  if ((given.flags & (FWPM_FILTER_FLAG_PERSISTENT | FWPM_FILTER_FLAG_BOOTTIME)) != 0) {
    return ERROR_NOT_SUPPORTED;
  }
  if ((given.flags & FWPM_FILTER_FLAG_HAS_PROVIDER_CONTEXT) != 0) {
    return error(FWP_E_PROVIDER_CONTEXT_NOT_FOUND);
  }
  const auto layer = layer_of(given.layerKey);
  if (!layer) return error(FWP_E_LAYER_NOT_FOUND);
  if (!is_action(given.action.type)) return error(FWP_E_INVALID_ACTION_TYPE);
  if (given.reserved != nullptr) return error(FWP_E_RESERVED);
  if (given.providerData.size != 0 && given.providerData.data == nullptr) {
    return error(FWP_E_NULL_POINTER);
  }
  layer_ = *layer;
  raw_ = given;
  raw_.filterId = id;
  if (is_zero(raw_.filterKey)) raw_.filterKey = new_guid();
  if (is_zero(raw_.subLayerKey)) raw_.subLayerKey = FWPM_SUBLAYER_UNIVERSAL;
  name_ = given.displayData.name;
  raw_.displayData.name = name_.data();
  if (given.displayData.description != nullptr) {
    description_ = given.displayData.description;
    raw_.displayData.description = description_.data();
  }
  if (given.providerKey != nullptr) {
    provider_ = *given.providerKey;
    raw_.providerKey = &provider_;
  }
  provider_data_.assign(given.providerData.data, given.providerData.data + given.providerData.size);
  raw_.providerData.data = provider_data_.empty() ? nullptr : provider_data_.data();
  rule_.name = narrow(name_);
  rule_.layer = layer_.layer;
  rule_.family = layer_.is_v4 ? FilterFamily::kIpv4 : FilterFamily::kIpv6;
  rule_.action = has_callout()                           ? FilterAction::kCallout
                 : raw_.action.type == FWP_ACTION_PERMIT ? FilterAction::kPermit
                                                         : FilterAction::kBlock;
  rule_.is_final = rule_.action == FilterAction::kPermit &&
                   (raw_.flags & FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT) != 0;
  if (const DWORD e = copy_conditions(given); e != ERROR_SUCCESS) return e;
  return copy_weight();
}

// Empty: by what the filter asks (more conditions, more weight); a byte: a range of weights, and
// within it the same; 64 bits: as they are.
DWORD StoredFilter::copy_weight() {
  switch (raw_.weight.type) {
    case FWP_EMPTY:
      weight_ = raw_.numFilterConditions;
      break;
    case FWP_UINT8:
      if (raw_.weight.uint8 > kWeightRangeMax) return error(FWP_E_INVALID_WEIGHT);
      weight_ = (UINT64{raw_.weight.uint8} << kWeightRangeShift) + raw_.numFilterConditions;
      break;
    case FWP_UINT64:
      if (raw_.weight.uint64 == nullptr) return error(FWP_E_NULL_POINTER);
      weight_ = given_weight_ = *raw_.weight.uint64;
      raw_.weight.uint64 = &given_weight_;
      break;
    default:
      return error(FWP_E_INVALID_WEIGHT);
  }
  raw_.effectiveWeight.type = FWP_UINT64;
  raw_.effectiveWeight.uint64 = &weight_;
  rule_.weight = weight_;
  return ERROR_SUCCESS;
}

DWORD StoredFilter::copy_conditions(const FWPM_FILTER0& given) {
  if (given.numFilterConditions > kConditionsMax) return error(FWP_E_OUT_OF_BOUNDS);
  if (given.numFilterConditions != 0 && given.filterCondition == nullptr) {
    return error(FWP_E_NULL_POINTER);
  }
  for (UINT32 i = 0; i < given.numFilterConditions; ++i) {
    const FWPM_FILTER_CONDITION0& c = given.filterCondition[i];
    if (const DWORD e = add_condition(c, layer_, rule_); e != ERROR_SUCCESS) return e;
    conditions_.push_back(c);
    own(conditions_.back().conditionValue);
  }
  raw_.filterCondition = conditions_.empty() ? nullptr : conditions_.data();
  return ERROR_SUCCESS;
}

// What add_condition has let pass points to one of these.
void StoredFilter::own(FWP_CONDITION_VALUE0& value) {
  switch (value.type) {
    case FWP_BYTE_ARRAY16_TYPE:
      value.byteArray16 = &arrays_.emplace_back(*value.byteArray16);
      return;
    case FWP_V4_ADDR_MASK:
      value.v4AddrMask = &v4_masks_.emplace_back(*value.v4AddrMask);
      return;
    case FWP_V6_ADDR_MASK:
      value.v6AddrMask = &v6_masks_.emplace_back(*value.v6AddrMask);
      return;
    case FWP_RANGE_TYPE:
      value.rangeValue = &ranges_.emplace_back(*value.rangeValue);
      own(value.rangeValue->valueLow);
      own(value.rangeValue->valueHigh);
      return;
    default:
      return;
  }
}

void StoredFilter::own(FWP_VALUE0& value) {
  if (value.type == FWP_BYTE_ARRAY16_TYPE) {
    value.byteArray16 = &arrays_.emplace_back(*value.byteArray16);
  }
}

}  // namespace oriel::wfp
