// The page as text: everything that was put in, nothing that could end a script early, no address
// outside the file.
#include "report_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace oriel::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

ReportPage small_page() {
  ReportPage p;
  p.title = "Windows & <paths>";
  p.paragraphs = {"One sentence."};
  p.claims = {{"it is fast", "1.34 Gbit/s", true}, {"it is \"free\"", "no", false}};
  p.tables = {{"Rows", "", {"mode", "goodput"}, {{"default", "1.34 Gbit/s"}}}};
  ReportPlot plot;
  plot.title = "Window";
  plot.y_label = "window";
  plot.unit = ReportUnit::kBytes;
  plot.is_log = true;
  plot.series = {
      {"</script>", {{0, 65536}, {0.5, std::numeric_limits<double>::quiet_NaN()}, {1, 262140}}}};
  p.plots = {plot};
  return p;
}

TEST(ReportPage, TextIsEscaped) {
  const std::string html = report_html(small_page());
  EXPECT_THAT(html, HasSubstr("<h1>Windows &amp; &lt;paths&gt;</h1>"));
  EXPECT_THAT(html, HasSubstr("<td>it is &quot;free&quot;</td><td>no</td>"));
  EXPECT_THAT(html, HasSubstr("<tr><td>default</td><td>1.34 Gbit/s</td></tr>"));
}

TEST(ReportPage, AVerdictStandsBesideEachClaim) {
  const std::string html = report_html(small_page());
  EXPECT_THAT(html, HasSubstr("<td>1.34 Gbit/s</td><td class=\"met\">holds</td>"));
  EXPECT_THAT(html, HasSubstr("<td>no</td><td class=\"unmet\">does not hold</td>"));
}

TEST(ReportPage, PlotsAreDataThatCannotEndTheirScript) {
  const std::string html = report_html(small_page());
  const std::string data =
      R"({"plots":[{"title":"Window","text":"","x_label":"time since the first SYN",)"
      R"("y_label":"window","unit":"B","scale":"log","series":[{"name":"\u003c/script>",)"
      R"("at_s":[0,0.5,1],"values":[65536,null,262140]}]}]})";
  EXPECT_THAT(html, HasSubstr("id=\"data\">" + data + "</script>"));
}

TEST(ReportPage, NothingIsLoadedFromElsewhere) {
  const std::string html = report_html(small_page());
  for (const char* word : {"src=", "href=", "@import", "url("}) {
    EXPECT_THAT(html, Not(HasSubstr(word)));
  }
}

TEST(ReportPage, ABuildWithoutUplotSaysSoInsteadOfWriting) {
  const auto written = write_report("/nowhere/page.html", small_page());
  ASSERT_FALSE(written.has_value());
  if (report_obstacle().empty()) {
    EXPECT_EQ(written.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(report_html(small_page()), HasSubstr("The MIT License"));
  } else {
    EXPECT_EQ(written.error().code, ErrorCode::kNotSupported);
    EXPECT_THAT(written.error().message(), HasSubstr("this build has no report pages"));
  }
}

}  // namespace
}  // namespace oriel::cli
