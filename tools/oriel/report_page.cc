// Text and tables become HTML here; plots become data that tools/report/page.js draws.
#include "report_page.h"

#include <fmt/format.h>

#include <string_view>

#include "json_writer.h"
#include "output_file.h"
#include "report_assets.h"

namespace oriel::cli {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

std::string paragraph(std::string_view text) {
  return text.empty() ? std::string() : "<p>" + escaped(text) + "</p>\n";
}

std::string cells(const char* tag, const std::vector<std::string>& texts) {
  std::string out = "<tr>";
  for (const std::string& t : texts) out += fmt::format("<{0}>{1}</{0}>", tag, escaped(t));
  return out + "</tr>\n";
}

std::string claims_html(const std::vector<ReportClaim>& claims) {
  if (claims.empty()) return {};
  std::string out =
      "<h2>What is said, and what was measured</h2>\n<table>\n"
      "<tr><th>said</th><th>measured</th><th>so it</th></tr>\n";
  for (const ReportClaim& c : claims) {
    out += fmt::format("<tr><td>{}</td><td>{}</td><td class=\"{}\">{}</td></tr>\n",
                       escaped(c.claim), escaped(c.measured), c.is_met ? "met" : "unmet",
                       c.is_met ? "holds" : "does not hold");
  }
  return out + "</table>\n";
}

std::string table_html(const ReportTable& t) {
  std::string out = "<h2>" + escaped(t.title) + "</h2>\n" + paragraph(t.text) + "<table>\n";
  out += cells("th", t.columns);
  for (const auto& row : t.rows) out += cells("td", row);
  return out + "</table>\n";
}

const char* word_of(ReportUnit unit) {
  switch (unit) {
    case ReportUnit::kNumber:
      return "";
    case ReportUnit::kBytes:
      return "B";
    case ReportUnit::kBitsPerSecond:
      return "bit/s";
  }
  return "";
}

// Times and values are arrays of their own: half the bytes of an array of pairs.
void write_series(JsonWriter& w, const ReportSeries& s) {
  w.begin_object();
  w.field("name", s.name);
  w.begin_array("at_s");
  for (const ReportPoint& p : s.points) w.value(p.at_s);
  w.end_array();
  w.begin_array("values");
  for (const ReportPoint& p : s.points) w.value(p.value);
  w.end_array();
  w.end_object();
}

std::string plots_json(const std::vector<ReportPlot>& plots) {
  JsonWriter w;
  w.begin_object();
  w.begin_array("plots");
  for (const ReportPlot& p : plots) {
    w.begin_object();
    w.field("title", p.title);
    w.field("text", p.text);
    w.field("x_label", p.x_label);
    w.field("y_label", p.y_label);
    w.field("unit", word_of(p.unit));
    w.field("scale", p.is_log ? "log" : "linear");
    w.begin_array("series");
    for (const ReportSeries& s : p.series) write_series(w, s);
    w.end_array();
    w.end_object();
  }
  w.end_array();
  w.end_object();
  // Inside a script element only "<" could end it or start a comment.
  std::string out;
  for (const char c : w.text()) out += c == '<' ? std::string("\\u003c") : std::string(1, c);
  return out;
}

}  // namespace

std::string report_obstacle() {
  return report_assets::kObstacle;
}

std::string report_html(const ReportPage& page) {
  std::string out = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  out += "<title>" + escaped(page.title) + "</title>\n<style>\n";
  out += std::string(report_assets::kPlotStyle) + "\n" + report_assets::kPageStyle;
  out += "</style>\n</head>\n<body>\n<main>\n<h1>" + escaped(page.title) + "</h1>\n";
  for (const std::string& p : page.paragraphs) out += paragraph(p);
  out += claims_html(page.claims);
  out += "<div id=\"plots\"></div>\n";
  for (const ReportTable& t : page.tables) out += table_html(t);
  out += "<footer>Made by oriel. Drawn with uPlot, whose licence is:\n<pre>";
  out += escaped(report_assets::kPlotLicence);
  out += "</pre></footer>\n</main>\n<script type=\"application/json\" id=\"data\">";
  out += plots_json(page.plots);
  out += "</script>\n<script>" + std::string(report_assets::kPlotScript) + "</script>\n<script>";
  out += std::string(report_assets::kPageScript) + "</script>\n</body>\n</html>\n";
  return out;
}

Result<void> write_report(const std::string& path, const ReportPage& page) {
  if (!report_obstacle().empty()) return fail(ErrorCode::kNotSupported, report_obstacle());
  return write_text(path, report_html(page));
}

}  // namespace oriel::cli
