// The objects of the filter engine by key: providers, sublayers, callouts, filters; who may refer
// to whom. A value: a transaction works on a copy and commits by putting it in place.
#pragma once

#include <map>
#include <memory>

#include "wfp/bound_callout.h"
#include "wfp/stored_filter.h"

namespace oriel::wfp {

/// The session that made an object if it goes with that session (dynamic sessions), else 0.
using SessionId = std::uint64_t;

class Store {
 public:
  struct Provider {
    SessionId owner = 0;
  };
  struct Sublayer {
    SessionId owner = 0;
    UINT16 weight = 0;
  };
  struct Callout {
    SessionId owner = 0;
    UINT32 id = 0;
    GUID layer{};
    std::shared_ptr<Binding> binding;
  };
  struct Filter {
    SessionId owner = 0;
    std::shared_ptr<const StoredFilter> filter;
  };
  template <class T>
  using ByKey = std::map<GUID, T, GuidLess>;

  // FWP_E_* as documented for the calls of these names.
  DWORD add_provider(const FWPM_PROVIDER0& given, SessionId owner);
  DWORD delete_provider(const GUID& key);
  DWORD add_sublayer(const FWPM_SUBLAYER0& given, SessionId owner);
  DWORD delete_sublayer(const GUID& key);
  DWORD add_callout(const FWPM_CALLOUT0& given, SessionId owner, UINT32& id);
  DWORD delete_callout(const GUID& key);
  DWORD delete_callout(UINT32 id);
  DWORD add_filter(const FWPM_FILTER0& given, SessionId owner, UINT64& id);
  DWORD delete_filter(const GUID& key);
  DWORD delete_filter(UINT64 id);
  /// Everything that goes with the session.
  void delete_owned(SessionId owner);

  const ByKey<Sublayer>& sublayers() const { return sublayers_; }
  const ByKey<Filter>& filters() const { return filters_; }
  const Callout* callout(const GUID& key) const;
  std::shared_ptr<const StoredFilter> filter(UINT64 id) const;
  std::shared_ptr<const StoredFilter> filter(const GUID& key) const;
  bool is_empty() const {
    return providers_.empty() && sublayers_.empty() && callouts_.empty() && filters_.empty();
  }

 private:
  DWORD check_provider(const GUID* key) const;

  ByKey<Provider> providers_;
  ByKey<Sublayer> sublayers_;  // but for the universal one
  ByKey<Callout> callouts_;
  ByKey<Filter> filters_;
  UINT32 last_callout_ = 0;
  UINT64 last_filter_ = 0;
};

}  // namespace oriel::wfp
