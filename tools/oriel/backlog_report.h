// How the figures of the ideal send backlog are written: table, JSON (names in docs/guide/json.md),
// report page.
#pragma once

#include <string>
#include <vector>

#include "lab_backlog.h"
#include "report_page.h"

namespace oriel::cli {

std::string backlog_table(const BacklogOptions& options, const std::vector<BacklogRun>& runs);
std::string backlog_json(const BacklogOptions& options, const std::vector<BacklogRun>& runs);
ReportPage backlog_page(const BacklogOptions& options, const std::vector<BacklogRun>& runs,
                        const BacklogScene& scene);

}  // namespace oriel::cli
