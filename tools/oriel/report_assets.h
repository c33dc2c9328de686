// What every report page carries; the build writes the source (tools/report/embed.cmake).
#pragma once

namespace oriel::cli::report_assets {

extern const char* const kObstacle;     ///< why the rest is empty; "": it is not
extern const char* const kPlotScript;   ///< uPlot, minified
extern const char* const kPlotStyle;    ///< its style sheet
extern const char* const kPlotLicence;  ///< its licence
extern const char* const kPageScript;   ///< tools/report/page.js
extern const char* const kPageStyle;    ///< tools/report/page.css

}  // namespace oriel::cli::report_assets
