// Edits of a file that a person wrote: one line changes, the others stay byte for byte.
#include "settings/line_edit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oriel::settings {
namespace {

using ::testing::HasSubstr;
using Path = std::vector<std::string>;

const Path kSack = {"tcp", "sack"};
const Path kWindow = {"interface", "10.0.0.2", "tcp", "window_bytes"};

std::string set(std::string_view text, const Path& path, const std::string& value) {
  const auto r = with_value(text, "f.toml", path, value);
  return r ? *r : "error: " + r.error().text;
}
std::string unset(std::string_view text, const Path& path) {
  const auto r = without_value(text, "f.toml", path);
  return r ? *r : "error: " + r.error().text;
}

TEST(LineEdit, AValueChangesInItsPlace) {
  EXPECT_EQ(set("# top\n[tcp] # t\n  sack =   true   # ours\nrto_min = \"1s\"\n", kSack, "false"),
            "# top\n[tcp] # t\n  sack =   false   # ours\nrto_min = \"1s\"\n");
  EXPECT_EQ(set("tcp.sack = true", kSack, "false"), "tcp.sack = false");
  EXPECT_EQ(set("tcp = { sack = true, rto_min = \"1s\" }\n", kSack, "false"),
            "tcp = { sack = false, rto_min = \"1s\" }\n");
  EXPECT_EQ(set("# größer → ẞ\n[tcp]\nrto_min = \"1s\" # ß\nsack = true # ü\n", kSack, "false"),
            "# größer → ẞ\n[tcp]\nrto_min = \"1s\" # ß\nsack = false # ü\n");
  EXPECT_EQ(set("[tcp]\r\nsack = true\r\n", kSack, "false"), "[tcp]\r\nsack = false\r\n");
}

TEST(LineEdit, ANewValueGoesBehindItsNeighbours) {
  EXPECT_EQ(set("[tcp]\nrto_min = \"1s\" # last\n\n[ip]\nhop_limit = 3\n", kSack, "true"),
            "[tcp]\nrto_min = \"1s\" # last\nsack = true\n\n[ip]\nhop_limit = 3\n");
  EXPECT_EQ(set("[tcp]\n  rto_min = \"1s\"", kSack, "true"),
            "[tcp]\n  rto_min = \"1s\"\n  sack = true\n");
  EXPECT_EQ(set("tcp.rto_min = \"1s\"\n", kSack, "true"),
            "tcp.rto_min = \"1s\"\ntcp.sack = true\n");
  EXPECT_EQ(set("[tcp]\r\nrto_min = \"1s\"\r\n", kSack, "true"),
            "[tcp]\r\nrto_min = \"1s\"\r\nsack = true\r\n");
}

TEST(LineEdit, ANewTableComesAtTheEnd) {
  EXPECT_EQ(set("", kSack, "true"), "[tcp]\nsack = true\n");
  EXPECT_EQ(set("# mine\n", kSack, "true"), "# mine\n\n[tcp]\nsack = true\n");
  EXPECT_EQ(set("[ip]\nhop_limit = 3", kWindow, "5"),
            "[ip]\nhop_limit = 3\n\n[interface.\"10.0.0.2\".tcp]\nwindow_bytes = 5\n");
  EXPECT_EQ(set("[tcp] # nothing yet\n\n[ip]\nhop_limit = 3\n", kSack, "true"),
            "[tcp] # nothing yet\nsack = true\n\n[ip]\nhop_limit = 3\n");
}

TEST(LineEdit, TakingOutTakesOneLine) {
  EXPECT_EQ(unset("# top\n[tcp]\n# about\nsack = true # x\nrto_min = \"1s\"\n", kSack),
            "# top\n[tcp]\n# about\nrto_min = \"1s\"\n");
  EXPECT_EQ(unset("[tcp]\nsack = true", kSack), "[tcp]\n");
  EXPECT_EQ(unset("[tcp]\nrto_min = \"1s\"\n", kSack), "[tcp]\nrto_min = \"1s\"\n");
  EXPECT_EQ(set(unset("[tcp]\nsack = true\n", kSack), kSack, "false"), "[tcp]\nsack = false\n");
}

TEST(LineEdit, WhatSharesItsLineIsRefused) {
  EXPECT_THAT(unset("tcp = { sack = true, rto_min = \"1s\" }\n", kSack),
              HasSubstr("f.toml: tcp.sack shares its line"));
  EXPECT_THAT(set("tcp = { rto_min = \"1s\" }\n", kSack, "true"), HasSubstr("shares its line"));
  EXPECT_THAT(set("[tcp\n", kSack, "true"), HasSubstr("f.toml, line 1:"));
}

}  // namespace
}  // namespace oriel::settings
