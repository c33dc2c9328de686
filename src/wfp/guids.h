// GUIDs as keys of maps, and which layer a GUID names.
#pragma once

#include <fwpmu.h>

#include <cstring>
#include <optional>

#include "oriel/filter.h"

namespace oriel::wfp {

/// As what the calls return.
constexpr DWORD error(HRESULT code) {
  return static_cast<DWORD>(code);
}
inline constexpr DWORD kNullPointer = error(FWP_E_NULL_POINTER);

struct GuidLess {
  bool operator()(const GUID& a, const GUID& b) const { return std::memcmp(&a, &b, sizeof a) < 0; }
};

inline bool is_zero(const GUID& g) {
  return g == GUID{};
}

/// A GUID that nobody has (RFC 9562 5.4).
GUID new_guid();

struct Layer {
  FilterLayer layer = FilterLayer::kConnect;
  bool is_v4 = true;
};
/// nullopt: none that this engine has.
std::optional<Layer> layer_of(const GUID& key);
const GUID& key_of(FilterLayer layer, bool is_v4);

}  // namespace oriel::wfp
