// Does a rule hold for an event? The conditions of include/oriel/filter.h, and nothing else.
//
// `may_cover` asks the same of a connection of which not everything is known yet: a port of 0 is
// any port.
#pragma once

#include "oriel/filter.h"

namespace oriel::filter {

/// Bound: the entries of the rule's lists.
bool holds(const FilterRule& rule, const FilterEvent& event);

/// Whether some event of a TCP connection between these could hold at the rule's layer; `opened`:
/// kOutbound asks for the end that connects, kInbound for the one that accepts.
bool may_cover(const FilterRule& rule, const Endpoint& local, const Endpoint& remote,
               FilterDirection opened);

}  // namespace oriel::filter
