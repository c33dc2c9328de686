// What Windows' own description says of receive windows, and what a cell of the laboratory measured
// beside each sentence.
#pragma once

#include <vector>

#include "lab_compat.h"
#include "report_page.h"

namespace oriel::cli {

/// Nullptr: it was not run.
const CompatRun* find_cell(const std::vector<CompatRun>& runs, const std::string& mode,
                           const std::string& path);

/// The cells that the claims look at.
std::vector<CompatCell> claimed_cells();

/// Requires: every claimed cell is among `runs`.
std::vector<ReportClaim> seed_claims(const std::vector<CompatRun>& runs);

}  // namespace oriel::cli
