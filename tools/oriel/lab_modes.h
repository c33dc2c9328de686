// What the receiving host of a laboratory run is told about its window: settings and socket, by
// name.
//
// One mode is what an administrator set (a level, a profile, registry values) or what a program
// asked for right after it made the socket. Names are those of `oriel lab --modes` and of the JSON.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "oriel/host.h"

namespace oriel::cli {

struct LabMode {
  std::string name;
  HostSettings settings;       ///< of the receiver
  TcpOptionsForSocket socket;  ///< of the receiver
};

/// The modes that the matrix of `lab compat` has, in its order. More registry values go by name:
/// "xp-tcpwindowsize-17520", "xp-tcpwindowsize-262144-tcp1323opts-3".
std::vector<std::string> compat_mode_names();

/// Any of these, and "normal" (default) and "no-scaling" (level-disabled). Errors: kInvalidArgument
/// with a sentence that lists the names.
Result<LabMode> find_lab_mode(std::string_view name);

}  // namespace oriel::cli
