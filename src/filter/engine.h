// The rules of one host in the order in which they are asked, and what they decide.
//
// The arithmetic is the one at the top of include/oriel/filter.h (the Windows Filtering Platform's
// "filter arbitration", basic policy): sublayers by weight, rules of a sublayer by weight, the
// first decision of a sublayer is the sublayer's; a block is final; a permit may be overridden by
// a later sublayer unless the rule is final. The surprise: `covers` is a bit test, so a host
// without rules pays one branch where a rule could be asked.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "oriel/filter.h"

namespace oriel::filter {

class Engine {
 public:
  Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// A sublayer of its own; heavier ones are asked earlier, of equal ones the older. kNoBuffers.
  Result<SublayerId> add_sublayer(std::uint16_t weight);
  /// kNotFound; kInProgress: rules are in it, or it is the default one.
  Result<void> remove_sublayer(SublayerId id);

  /// Removes and adds, all or nothing; gives the new identifiers in order. Errors: kNotFound (an
  /// identifier or a sublayer), kInvalidArgument (a rule that makes no sense, with a sentence),
  /// kNoBuffers (kFilterRulesMax). Bound: sorts all rules.
  Result<std::vector<FilterId>> change(std::span<const FilterId> remove,
                                       std::span<const FilterRule> add);

  /// Rules in the order in which they were added.
  const std::vector<std::pair<FilterId, FilterRule>>& rules() const { return rules_; }

  /// Some rule is asked at this layer.
  bool covers(FilterLayer layer) const { return (covered_ >> static_cast<unsigned>(layer)) & 1; }

  /// False: blocked. Requires: not kStream. Bound: every rule of the layer once.
  bool permits(const FilterEvent& event) const;

  /// What the bytes of a connection pass through, in the order of the rules.
  struct StreamChain {
    bool is_blocked = false;
    std::vector<std::unique_ptr<StreamInspector>> inspectors;
  };
  /// `connection`: layer kStream.
  StreamChain stream_chain(const FilterEvent& connection) const;

  /// Whether some rule could see a loopback TCP connection between these (a port of 0: any), as the
  /// end that opens it in that direction.
  bool covers_loopback(const Endpoint& local, const Endpoint& remote, FilterDirection opened) const;

 private:
  struct Sublayer {
    SublayerId id;
    std::uint16_t weight;
  };
  enum class Decision : std::uint8_t { kNone, kPermit, kFinalPermit, kBlock };

  bool has_sublayer(SublayerId id) const;
  std::uint16_t weight_of(SublayerId id) const;
  Result<void> check(const FilterRule& rule) const;
  void compile();
  static Decision decide(const FilterRule& rule, const FilterEvent& event);

  std::vector<Sublayer> sublayers_{{kDefaultSublayer, 0}};
  SublayerId last_sublayer_ = kDefaultSublayer;
  FilterId last_rule_ = 0;
  std::vector<std::pair<FilterId, FilterRule>> rules_;
  std::array<std::vector<const FilterRule*>, kFilterLayers> ordered_;
  std::uint8_t covered_ = 0;  // bit: layer
};

}  // namespace oriel::filter
