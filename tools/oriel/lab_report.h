// How the long-fat figures are written: table, JSON (names in docs/guide/json.md), CSV trace.
#pragma once

#include <string>
#include <vector>

#include "lab_longfat.h"

namespace oriel::cli {

std::string longfat_table(const LongfatOptions& options, const std::vector<LongfatRun>& runs);
std::string longfat_json(const LongfatOptions& options, const std::vector<LongfatRun>& runs);
/// One line every 10 ms for runs up to 20 s, else every 100 ms; "mode,time_ms,window_bytes,
/// bytes_in_flight,cwnd_bytes,goodput_bps".
std::string longfat_csv(const LongfatOptions& options, const std::vector<LongfatRun>& runs);

}  // namespace oriel::cli
