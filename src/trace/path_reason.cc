// What a person reads about a connection's path.
#include "oriel/trace.h"

namespace oriel {

std::string_view to_string(ConnectionPath path) {
  switch (path) {
    case ConnectionPath::kNetwork:
      return "network";
    case ConnectionPath::kLoopback:
      return "loopback";
    case ConnectionPath::kFast:
      return "fast";
  }
  return "?";
}

std::string_view to_string(PathReason reason) {
  switch (reason) {
    case PathReason::kNotLoopback:
      return "the destination is not loopback";
    case PathReason::kConnectorDidNotAsk:
      return "the connecting socket did not ask for it";
    case PathReason::kOffBySettings:
      return "the settings of this host do not allow it";
    case PathReason::kNoListener:
      return "no program that could be given a ring listens there";
    case PathReason::kListenerDidNotAsk:
      return "the listening socket did not ask for it";
    case PathReason::kFiltered:
      return "a filter wants to see the data";
    case PathReason::kBacklogFull:
      return "too many connections wait for accept";
    case PathReason::kNoMemory:
      return "there was no memory for its rings";
    case PathReason::kFast:
      return "both sockets asked for it";
  }
  return "?";
}

}  // namespace oriel
