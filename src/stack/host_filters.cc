// The native API's calls about rules: each takes the core's turn and hands them to its engine.
#include <algorithm>

#include "stack/host_impl.h"

namespace oriel {

using stack::HostImpl;

Result<SublayerId> Host::add_filter_sublayer(std::uint16_t weight) {
  HostImpl::Turn turn(*impl_);
  return turn->filters().add_sublayer(weight);
}

Result<void> Host::remove_filter_sublayer(SublayerId id) {
  HostImpl::Turn turn(*impl_);
  return turn->filters().remove_sublayer(id);
}

Result<std::vector<FilterId>> Host::change_filters(std::span<const FilterId> remove,
                                                   std::span<const FilterRule> add) {
  std::vector<FilterRule> dropped;  // their code dies after the turn: it may hold sockets
  HostImpl::Turn turn(*impl_);
  for (const auto& [id, rule] : turn->filters().rules()) {
    if (std::find(remove.begin(), remove.end(), id) != remove.end()) dropped.push_back(rule);
  }
  return turn->filters().change(remove, add);
}

Result<FilterId> Host::add_filter(const FilterRule& rule) {
  const auto ids = change_filters({}, {&rule, 1});
  if (!ids) return Failure(ids.error());
  return ids->front();
}

Result<void> Host::remove_filter(FilterId id) {
  const auto done = change_filters({&id, 1}, {});
  if (!done) return Failure(done.error());
  return {};
}

std::vector<std::pair<FilterId, FilterRule>> Host::filters() const {
  HostImpl::Turn turn(*impl_);
  return turn->filters().rules();
}

}  // namespace oriel
