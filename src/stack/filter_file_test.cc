// Words into rules, one sentence for each that is wrong, and edits that leave the rest of the file
// as it was.
#include "oriel/filter_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "stack/user_rules.h"

namespace oriel {
namespace {

FilterWords basic() {
  return {{"action", "block"}, {"layer", "connect"}};
}

TEST(FilterWordsTest, EveryWord) {
  const auto rule = parse_filter("r1", {{"action", "permit"},
                                        {"layer", "outbound-transport"},
                                        {"protocol", "tcp, udp,58"},
                                        {"local", "10.0.0.0/8, fd00::1"},
                                        {"local_port", "1-2,5"},
                                        {"remote", "1.2.3.4 - 1.2.3.9"},
                                        {"remote_port", "80"},
                                        {"direction", "out"},
                                        {"loopback", "no"},
                                        {"weight", "77"},
                                        {"final", "yes"}});
  ASSERT_TRUE(rule.has_value()) << rule.error().message();
  EXPECT_EQ(rule->name, "r1");
  EXPECT_EQ(rule->action, FilterAction::kPermit);
  EXPECT_EQ(rule->layer, FilterLayer::kOutboundTransport);
  EXPECT_EQ(rule->protocols, (std::vector<std::uint8_t>{6, 17, 58}));
  ASSERT_EQ(rule->local_addresses.size(), 2u);
  EXPECT_EQ(rule->local_addresses[0].last.to_string(), "10.255.255.255");
  EXPECT_EQ(rule->local_addresses[1].first, rule->local_addresses[1].last);
  EXPECT_EQ(rule->local_ports, (std::vector<PortRange>{{1, 2}, {5, 5}}));
  EXPECT_EQ(rule->remote_addresses[0].last.to_string(), "1.2.3.9");
  EXPECT_EQ(rule->remote_ports, (std::vector<PortRange>{{80, 80}}));
  EXPECT_EQ(rule->direction, FilterDirection::kOutbound);
  EXPECT_EQ(rule->is_loopback, false);
  EXPECT_EQ(rule->weight, 77u);
  EXPECT_TRUE(rule->is_final);
}

struct BadCase {
  const char* key;
  const char* word;
  const char* sentence;  ///< part of it
};

class BadWordTest : public ::testing::TestWithParam<BadCase> {};

TEST_P(BadWordTest, SaysWhatIsAllowed) {
  FilterWords words = basic();
  words[GetParam().key] = GetParam().word;
  const auto rule = parse_filter("x", words);
  ASSERT_FALSE(rule.has_value());
  EXPECT_EQ(rule.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(rule.error().text.find(GetParam().sentence), std::string::npos) << rule.error().text;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BadWordTest,
    ::testing::Values(
        BadCase{"action", "deny", "block or permit"}, BadCase{"layer", "ale", "connect, accept"},
        BadCase{"protocol", "sctp", "tcp, udp, icmp"}, BadCase{"protocol", "256", "up to 255"},
        BadCase{"protocol", "", "tcp, udp, icmp"}, BadCase{"local", "10.0.0.0/33", "networks"},
        BadCase{"local", "host", "addresses"}, BadCase{"remote", "1.2.3.4-1.2.3.3", "ranges"},
        BadCase{"remote", "1.2.3.4-::5", "ranges"}, BadCase{"remote", "1.2.3.4,,", "addresses"},
        BadCase{"local_port", "65536", "0 to 65535"}, BadCase{"remote_port", "9-8", "ranges"},
        BadCase{"remote_port", "http", "ports"}, BadCase{"remote_port", "-5", "ports"},
        BadCase{"direction", "both", "in or out"}, BadCase{"loopback", "1", "yes or no"},
        BadCase{"weight", "-1", "a number"}, BadCase{"weight", "18446744073709551616", "a number"},
        BadCase{"final", "maybe", "yes or no"}, BadCase{"final", "yes", "only a permit"},
        BadCase{"port", "80", "there is no key 'port'"}));

TEST(FilterWordsTest, BothActionAndLayerAreNeeded) {
  EXPECT_NE(parse_filter("x", {{"layer", "connect"}}).error().text.find("block or permit"),
            std::string::npos);
  EXPECT_NE(parse_filter("x", {{"action", "block"}}).error().text.find("connect, accept"),
            std::string::npos);
  for (const char* name : {"", "a b", "ä", "a.b", "\"a\""}) {
    EXPECT_FALSE(parse_filter(name, basic()).has_value()) << name;
  }
}

TEST(FilterFile, LiesWhereTheEnvironmentSays) {
  EXPECT_EQ(filters_path({{"ORIEL_FILTERS", "/f"}, {"HOME", "/h"}}), "/f");
  EXPECT_EQ(filters_path({{"XDG_CONFIG_HOME", "/x"}, {"HOME", "/h"}}), "/x/oriel/filters.toml");
  EXPECT_EQ(filters_path({{"XDG_CONFIG_HOME", "x"}, {"HOME", "/h"}}),
            "/h/.config/oriel/filters.toml");
  EXPECT_EQ(filters_path({}), "");
}

class FilterFileEdit : public ::testing::Test {
 protected:
  FilterFileEdit() {
    char name[] = "/tmp/oriel_filters_XXXXXX";
    directory = ::mkdtemp(name);
    path = directory + "/deep/filters.toml";
  }
  ~FilterFileEdit() override {
    const std::string command = "rm -rf " + directory;
    EXPECT_EQ(std::system(command.c_str()), 0);
  }
  std::string text() const {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& what) const { std::ofstream(path, std::ios::binary) << what; }
  std::string directory;
  std::string path;
};

TEST_F(FilterFileEdit, AddsListsAndDeletes) {
  EXPECT_EQ(read_filter_file(path).value().size(), 0u);
  ASSERT_TRUE(add_to_filter_file(path, "one", basic()).has_value());
  FilterWords two = basic();
  two["remote_port"] = "80,443";
  ASSERT_TRUE(add_to_filter_file(path, "two", two).has_value());
  EXPECT_EQ(add_to_filter_file(path, "two", two).error().code, ErrorCode::kAddressInUse);
  const auto all = read_filter_file(path).value();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1].first, "two");
  EXPECT_EQ(all[1].second, two);
  ASSERT_TRUE(delete_from_filter_file(path, "one").has_value());
  EXPECT_EQ(read_filter_file(path).value().size(), 1u);
  const auto missing = delete_from_filter_file(path, "one");
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_NE(missing.error().text.find("there are: two"), std::string::npos);
}

TEST_F(FilterFileEdit, LeavesAPersonsTextAlone) {
  ASSERT_TRUE(add_to_filter_file(path, "one", basic()).has_value());
  const std::string before = "# mine\n[b]\naction = \"block\"  # why\nlayer = \"accept\"\n";
  write(before +
        "[c]\naction = \"permit\"\nlayer = \"accept\"\n[d]\naction='block'\nlayer='stream'\n");
  ASSERT_TRUE(delete_from_filter_file(path, "c").has_value());
  EXPECT_EQ(text(), before + "[d]\naction='block'\nlayer='stream'\n");
  write("c.action = \"permit\"\nc.layer = \"accept\"\n");
  EXPECT_EQ(delete_from_filter_file(path, "c").error().code, ErrorCode::kNotSupported);
}

TEST_F(FilterFileEdit, ABadFileIsNamedWithItsRule) {
  ASSERT_TRUE(add_to_filter_file(path, "one", basic()).has_value());
  write("[odd]\naction = \"deny\"\nlayer = \"accept\"\n");
  const std::string sentence = read_filter_file(path).error().text;
  EXPECT_NE(sentence.find(path), std::string::npos);
  EXPECT_NE(sentence.find("[odd]"), std::string::npos);
  EXPECT_NE(sentence.find("block or permit"), std::string::npos);
  for (const char* bad :
       {"action = 1\n", "[a.b]\nc = 1\n", "[[a]]\nx = 1\n", "[a]\nx = 1.5\n", "[", "[a]\n"}) {
    write(bad);
    EXPECT_FALSE(read_filter_file(path).has_value()) << bad;
  }
}

// Loading again replaces what the file gave before and nothing else; a bad file changes nothing.
TEST_F(FilterFileEdit, RulesInAnEngineFollowTheFile) {
  filter::Engine engine;
  FilterRule own;
  own.name = "own";
  ASSERT_TRUE(engine.change({}, {&own, 1}).has_value());
  stack::UserRules rules({{"ORIEL_FILTERS", path}});
  ASSERT_TRUE(rules.load(engine).has_value());
  EXPECT_EQ(engine.rules().size(), 1u);
  ASSERT_TRUE(add_to_filter_file(path, "one", basic()).has_value());
  ASSERT_TRUE(add_to_filter_file(path, "two", basic()).has_value());
  ASSERT_TRUE(rules.load(engine).has_value());
  EXPECT_EQ(engine.rules().size(), 3u);
  ASSERT_TRUE(delete_from_filter_file(path, "one").has_value());
  ASSERT_TRUE(rules.load(engine).has_value());
  ASSERT_EQ(engine.rules().size(), 2u);
  EXPECT_EQ(engine.rules()[1].second.name, "two");
  write("[two]\naction = 5\n");
  EXPECT_FALSE(rules.load(engine).has_value());
  EXPECT_EQ(engine.rules().size(), 2u);
}

}  // namespace
}  // namespace oriel
