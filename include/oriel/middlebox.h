// The boxes that ship with Oriel: what gateways, firewalls and odd peers have done to TCP.
//
// Each is made from a word, the same in `World::connect`, in `oriel wire --middlebox` and in the
// laboratory. They speak IPv4 and IPv6 and let everything pass that is not theirs. A box keeps what
// it knows of connections (Bound: 65,536 ends of connections; more push out others).
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "oriel/export.h"
#include "oriel/sim.h"

namespace oriel::sim {

struct MiddleboxKind {
  std::string_view name;  ///< "wsopt-stripper"
  std::string_view form;  ///< with what may follow: "wsopt-stripper[=syn|syn-ack|both]"
  std::string_view sentence;
};

/// All of them, in the order in which help lists them.
ORIEL_API std::span<const MiddleboxKind> middlebox_kinds();

/// "scale-blind-gateway", "wsopt-stripper=syn-ack", "mss-rewriter=800". Errors: kInvalidArgument
/// with a sentence that lists what there is.
ORIEL_API Result<std::shared_ptr<Middlebox>> make_middlebox(std::string_view words);

}  // namespace oriel::sim
