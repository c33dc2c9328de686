// How the matrix of `lab compat` is written: table and JSON (names in docs/guide/json.md).
#pragma once

#include <string>
#include <vector>

#include "lab_compat.h"

namespace oriel::cli {

std::string compat_table(const std::vector<CompatRun>& runs);
std::string compat_json(const std::vector<CompatRun>& runs);
/// "8", or "none" without WSopt.
std::string scale_text(const CompatRun& run);
/// "65,536 > 16,776,960": the first true window and the largest.
std::string window_text(const CompatRun& run);

}  // namespace oriel::cli
