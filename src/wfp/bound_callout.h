// A callout key and the program's function that is bound to it; what rules of that callout call.
#pragma once

#include <memory>

#include "wfp/guids.h"

namespace oriel::wfp {

/// The function of one callout. Its fields belong to the host's owner: bind inside a Turn.
struct Binding {
  ORIEL_FWPM_CLASSIFY_FN0 classify = nullptr;
  void* context = nullptr;
  UINT64 flows = 0;  ///< given out so far
};

/// What a filter with a callout asks: the bound function, or, while none is bound, what the
/// filter's action says (documented: a terminating or unknown one blocks, unless
/// FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED; an inspecting one continues).
class BoundCallout final : public FilterCallout, public StreamInspectorSource {
 public:
  BoundCallout(std::shared_ptr<Binding> binding, FWP_ACTION_TYPE action, UINT32 filter_flags)
      : binding_(std::move(binding)), action_(action), filter_flags_(filter_flags) {}

  CalloutVerdict classify(const FilterEvent& event) override;
  std::unique_ptr<StreamInspector> inspector_for(const FilterEvent& connection) override;

 private:
  CalloutVerdict unbound_verdict() const;

  std::shared_ptr<Binding> binding_;
  FWP_ACTION_TYPE action_;
  UINT32 filter_flags_;
};

}  // namespace oriel::wfp
