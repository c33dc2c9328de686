// How much of a bad text an error repeats.
#pragma once

#include <string>
#include <string_view>

namespace oriel {

/// The first 64 characters: enough to find it again, and no flood.
inline std::string shown(std::string_view bad) {
  return std::string(bad.substr(0, 64));
}

}  // namespace oriel
