// The difference between what is there and what shall be, in one turn of the host.
#include "wfp/installed.h"

namespace oriel::wfp {
namespace {

FilterRule rule_of(const Store& store, const StoredFilter& filter, SublayerId sublayer) {
  FilterRule rule = filter.rule();
  rule.sublayer = sublayer;
  if (!filter.has_callout()) return rule;
  const auto bound =
      std::make_shared<BoundCallout>(store.callout(filter.raw().action.calloutKey)->binding,
                                     filter.raw().action.type, filter.raw().flags);
  if (rule.layer == FilterLayer::kStream) {
    rule.inspectors = bound;
  } else {
    rule.callout = bound;
  }
  return rule;
}

}  // namespace

DWORD Installed::become(stack::HostImpl& host, const Store& next) {
  std::vector<FilterRule> gone;  // what they refer to goes after the turn
  stack::HostImpl::Turn turn(host);
  filter::Engine& engine = turn->filters();
  Store::ByKey<Sublayer> sublayers;
  std::vector<SublayerId> made;
  const auto undo = [&](DWORD e) {
    for (const SublayerId id : made) (void)engine.remove_sublayer(id);
    return e;
  };
  for (const auto& [key, sublayer] : next.sublayers()) {
    const auto there = sublayers_.find(key);
    if (there != sublayers_.end() && there->second.weight == sublayer.weight) {
      sublayers[key] = there->second;
      continue;
    }
    const auto id = engine.add_sublayer(sublayer.weight);
    if (!id) return undo(static_cast<DWORD>(FWP_E_TOO_MANY_SUBLAYERS));
    made.push_back(*id);
    sublayers[key] = {*id, sublayer.weight};
  }
  std::vector<FilterId> remove;
  std::vector<FilterRule> add;
  std::vector<std::shared_ptr<const StoredFilter>> added;
  for (const auto& [key, rule] : rules_) {
    if (next.filter(key) != rule.filter) remove.push_back(rule.id);
  }
  for (const auto& [key, entry] : next.filters()) {
    const auto there = rules_.find(key);
    if (there != rules_.end() && there->second.filter == entry.filter) continue;
    const auto in = sublayers.find(entry.filter->raw().subLayerKey);
    add.push_back(
        rule_of(next, *entry.filter, in == sublayers.end() ? kDefaultSublayer : in->second.id));
    added.push_back(entry.filter);
  }
  for (const auto& [id, rule] : engine.rules()) gone.push_back(rule);
  const auto ids = engine.change(remove, add);
  if (!ids) return undo(ERROR_NOT_ENOUGH_MEMORY);
  std::erase_if(rules_, [&](const auto& r) { return next.filter(r.first) != r.second.filter; });
  for (std::size_t i = 0; i < added.size(); ++i) rules_[added[i]->key()] = {(*ids)[i], added[i]};
  for (const auto& [key, sublayer] : sublayers_) {
    const auto stays = sublayers.find(key);
    if (stays == sublayers.end() || stays->second.id != sublayer.id) {
      (void)engine.remove_sublayer(sublayer.id);
    }
  }
  sublayers_ = std::move(sublayers);
  return ERROR_SUCCESS;
}

}  // namespace oriel::wfp
