// A report: plain data in, one HTML file out that opens without a network.
//
// What a laboratory has to say: sentences, claims with what was measured beside each, tables, and
// plots over time. The page carries all it needs, uPlot included (docs/adr/0015-uplot.md); text and
// tables are readable without its scripts. A build that could not fetch uPlot has no pages, and
// says so in one sentence.
#pragma once

#include <string>
#include <vector>

#include "oriel/error.h"

namespace oriel::cli {

/// What the values of a plot are; decides prefixes and the words at the axis.
enum class ReportUnit : std::uint8_t { kNumber, kBytes, kBitsPerSecond };

struct ReportPoint {
  double at_s = 0;   ///< seconds
  double value = 0;  ///< in the plot's unit; not a number: a gap
};

/// One line of a plot. Times rise.
struct ReportSeries {
  std::string name;
  std::vector<ReportPoint> points;
};

struct ReportPlot {
  std::string title;
  std::string text;                                  ///< what to look at; may be empty
  std::string x_label = "time since the first SYN";  ///< without the unit, which is seconds
  std::string y_label;                               ///< without the unit
  ReportUnit unit = ReportUnit::kNumber;
  bool is_log = false;  ///< values of 0 and less are gaps then
  std::vector<ReportSeries> series;
};

/// One sentence that somebody states, and what came of trying it.
struct ReportClaim {
  std::string claim;
  std::string measured;
  bool is_met = false;
};

struct ReportTable {
  std::string title;
  std::string text;  ///< may be empty
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

struct ReportPage {
  std::string title;
  std::vector<std::string> paragraphs;
  std::vector<ReportClaim> claims;
  std::vector<ReportPlot> plots;
  std::vector<ReportTable> tables;
};

/// Why this build makes no pages, in a sentence; empty: it does. Ask before measuring for minutes.
std::string report_obstacle();

/// The page as one HTML file. Requires: no obstacle.
std::string report_html(const ReportPage& page);

/// Writes the page; "-" is standard output. Errors: kNotSupported with the obstacle,
/// kInvalidArgument (the file cannot be written).
Result<void> write_report(const std::string& path, const ReportPage& page);

}  // namespace oriel::cli
