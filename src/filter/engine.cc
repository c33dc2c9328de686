// Sorting when rules change, walking when they are asked.
#include "filter/engine.h"

#include <algorithm>
#include <string>

#include "filter/match.h"

namespace oriel::filter {
namespace {

Failure bad_rule(const FilterRule& rule, const std::string& sentence) {
  const std::string name = rule.name.empty() ? std::string("a rule") : "rule '" + rule.name + "'";
  return fail(ErrorCode::kInvalidArgument, name + ": " + sentence);
}

bool is_backward(const std::vector<AddressRange>& ranges) {
  return std::any_of(ranges.begin(), ranges.end(), [](const AddressRange& r) {
    return r.first.is_v4() != r.last.is_v4() || r.last < r.first;
  });
}

bool is_backward(const std::vector<PortRange>& ranges) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [](const PortRange& r) { return r.last < r.first; });
}

}  // namespace

bool Engine::has_sublayer(SublayerId id) const {
  return std::any_of(sublayers_.begin(), sublayers_.end(),
                     [id](const Sublayer& s) { return s.id == id; });
}

std::uint16_t Engine::weight_of(SublayerId id) const {
  for (const Sublayer& s : sublayers_) {
    if (s.id == id) return s.weight;
  }
  return 0;
}

Result<SublayerId> Engine::add_sublayer(std::uint16_t weight) {
  if (sublayers_.size() >= kSublayersMax) return fail(ErrorCode::kNoBuffers);
  sublayers_.push_back({++last_sublayer_, weight});
  return last_sublayer_;
}

Result<void> Engine::remove_sublayer(SublayerId id) {
  if (!has_sublayer(id)) return fail(ErrorCode::kNotFound);
  const bool is_used = std::any_of(rules_.begin(), rules_.end(),
                                   [id](const auto& r) { return r.second.sublayer == id; });
  if (is_used || id == kDefaultSublayer) return fail(ErrorCode::kInProgress);
  std::erase_if(sublayers_, [id](const Sublayer& s) { return s.id == id; });
  return {};
}

Result<void> Engine::check(const FilterRule& rule) const {
  if (!has_sublayer(rule.sublayer)) return fail(ErrorCode::kNotFound, "there is no such sublayer");
  const bool is_stream = rule.layer == FilterLayer::kStream;
  if (rule.action == FilterAction::kCallout) {
    if (is_stream && rule.inspectors == nullptr) {
      return bad_rule(rule, "a callout at the stream layer needs inspectors");
    }
    if (!is_stream && rule.callout == nullptr) return bad_rule(rule, "it has no callout");
  } else if (rule.callout != nullptr || rule.inspectors != nullptr) {
    return bad_rule(rule, "only the action callout takes code");
  }
  if (rule.is_final && rule.action != FilterAction::kPermit) {
    return bad_rule(rule, "only a permit can be final; a block always is");
  }
  if (is_backward(rule.local_addresses) || is_backward(rule.remote_addresses) ||
      is_backward(rule.local_ports) || is_backward(rule.remote_ports)) {
    return bad_rule(rule, "a range ends before it begins, or mixes families");
  }
  for (const std::size_t n :
       {rule.local_addresses.size(), rule.remote_addresses.size(), rule.local_ports.size(),
        rule.remote_ports.size(), rule.protocols.size()}) {
    if (n > kRuleConditionsMax) return bad_rule(rule, "a condition has more than 1024 entries");
  }
  return {};
}

Result<std::vector<FilterId>> Engine::change(std::span<const FilterId> remove,
                                             std::span<const FilterRule> add) {
  const auto is_removed = [&](FilterId id) {
    return std::find(remove.begin(), remove.end(), id) != remove.end();
  };
  for (const FilterId id : remove) {
    const bool is_there =
        std::any_of(rules_.begin(), rules_.end(), [id](const auto& r) { return r.first == id; });
    if (!is_there) return fail(ErrorCode::kNotFound, "there is no such rule");
  }
  for (const FilterRule& rule : add) {
    if (const auto ok = check(rule); !ok) return Failure(ok.error());
  }
  if (rules_.size() + add.size() > kFilterRulesMax + remove.size()) {
    return fail(ErrorCode::kNoBuffers, "a host has at most 65536 rules");
  }
  std::erase_if(rules_, [&](const auto& r) { return is_removed(r.first); });
  std::vector<FilterId> ids;
  for (const FilterRule& rule : add) {
    rules_.emplace_back(++last_rule_, rule);
    ids.push_back(last_rule_);
  }
  compile();
  return ids;
}

// rules_ is in the order of addition and the sort is stable, so the older of two equals goes first.
void Engine::compile() {
  covered_ = 0;
  for (auto& layer : ordered_) layer.clear();
  for (const auto& [id, rule] : rules_) {
    ordered_[static_cast<std::size_t>(rule.layer)].push_back(&rule);
    covered_ |= static_cast<std::uint8_t>(1u << static_cast<unsigned>(rule.layer));
  }
  for (auto& layer : ordered_) {
    std::stable_sort(layer.begin(), layer.end(), [this](const FilterRule* a, const FilterRule* b) {
      const std::uint16_t wa = weight_of(a->sublayer);
      const std::uint16_t wb = weight_of(b->sublayer);
      if (wa != wb) return wa > wb;
      if (a->sublayer != b->sublayer) return a->sublayer < b->sublayer;
      return a->weight > b->weight;
    });
  }
}

Engine::Decision Engine::decide(const FilterRule& rule, const FilterEvent& event) {
  switch (rule.action) {
    case FilterAction::kPermit:
      return rule.is_final ? Decision::kFinalPermit : Decision::kPermit;
    case FilterAction::kBlock:
      return Decision::kBlock;
    case FilterAction::kCallout:
      break;
  }
  switch (rule.callout->classify(event)) {
    case CalloutVerdict::kContinue:
      return Decision::kNone;
    case CalloutVerdict::kPermit:
      return Decision::kPermit;
    case CalloutVerdict::kBlock:
      return Decision::kBlock;
  }
  return Decision::kNone;
}

bool Engine::permits(const FilterEvent& event) const {
  const auto& rules = ordered_[static_cast<std::size_t>(event.layer)];
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (!holds(*rules[i], event)) continue;
    switch (decide(*rules[i], event)) {
      case Decision::kNone:
        continue;
      case Decision::kFinalPermit:
        return true;
      case Decision::kBlock:
        return false;
      case Decision::kPermit:
        break;
    }
    const SublayerId decided = rules[i]->sublayer;
    while (i + 1 < rules.size() && rules[i + 1]->sublayer == decided) ++i;
  }
  return true;
}

Engine::StreamChain Engine::stream_chain(const FilterEvent& connection) const {
  StreamChain chain;
  const auto& rules = ordered_[static_cast<std::size_t>(FilterLayer::kStream)];
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const FilterRule& rule = *rules[i];
    if (!holds(rule, connection)) continue;
    if (rule.action == FilterAction::kCallout) {
      if (auto inspector = rule.inspectors->inspector_for(connection)) {
        chain.inspectors.push_back(std::move(inspector));
      }
      continue;
    }
    if (rule.action == FilterAction::kBlock) {
      chain.is_blocked = true;
      return chain;
    }
    if (rule.is_final) return chain;
    while (i + 1 < rules.size() && rules[i + 1]->sublayer == rule.sublayer) ++i;
  }
  return chain;
}

bool Engine::covers_loopback(const Endpoint& local, const Endpoint& remote,
                             FilterDirection opened) const {
  if (covered_ == 0) return false;
  return std::any_of(rules_.begin(), rules_.end(),
                     [&](const auto& r) { return may_cover(r.second, local, remote, opened); });
}

}  // namespace oriel::filter
