// The report pages of the laboratory: which sentences, plots and tables they have.
#pragma once

#include <vector>

#include "lab_compat.h"
#include "lab_longfat.h"
#include "report_page.h"

namespace oriel::cli {

ReportPage compat_page(const std::vector<CompatRun>& runs, std::vector<ReportClaim> claims);
ReportPage longfat_page(const LongfatOptions& options, const std::vector<LongfatRun>& runs,
                        std::vector<ReportClaim> claims);

}  // namespace oriel::cli
