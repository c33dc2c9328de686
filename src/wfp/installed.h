// What of a store is in a host: rules and sublayers under the host's identifiers.
#pragma once

#include "stack/host_impl.h"
#include "wfp/store.h"

namespace oriel::wfp {

class Installed {
 public:
  /// Makes the host's rules those of `next`, all or nothing. Errors: FWP_E_TOO_MANY_SUBLAYERS,
  /// ERROR_NOT_ENOUGH_MEMORY (the host's limits).
  DWORD become(stack::HostImpl& host, const Store& next);

 private:
  struct Sublayer {
    SublayerId id;
    UINT16 weight;
  };
  struct Rule {
    FilterId id;
    std::shared_ptr<const StoredFilter> filter;
  };
  Store::ByKey<Sublayer> sublayers_;
  Store::ByKey<Rule> rules_;
};

}  // namespace oriel::wfp
