// The experiments of `oriel lab`: each adds itself below it, as verbs.h says of verbs.
#pragma once

#include "verbs.h"

namespace oriel::cli {

inline constexpr Duration kLengthMin = std::chrono::milliseconds(100);  ///< of an experiment

void add_lab_longfat(CLI::App& lab, Run& run);
void add_lab_compat(CLI::App& lab, Run& run);
void add_lab_backlog(CLI::App& lab, Run& run);

}  // namespace oriel::cli
