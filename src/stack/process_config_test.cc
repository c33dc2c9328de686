// Words of the environment and of its file: what they give, what goes before what, and the sentence
// for each that is wrong.
#include "stack/process_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oriel::stack {
namespace {

using ::testing::HasSubstr;

ProcessConfig parse(const Environment& environment, const Environment& file = {}) {
  return parse_process_config(environment, file, "stack.toml").value();
}

std::string sentence(const Environment& environment, const Environment& file = {}) {
  const auto r = parse_process_config(environment, file, "stack.toml");
  return r ? "accepted" : r.error().text;
}

TEST(ProcessConfig, WithoutAWordItIsTheUserLink) {
  const ProcessConfig c = parse({});
  EXPECT_EQ(c.link, "user");
  ASSERT_EQ(c.addresses.size(), 2u);
  EXPECT_EQ(c.addresses[0].to_string(), "10.0.2.15/24");
  EXPECT_EQ(c.addresses[1].to_string(), "fec0::15/64");
  EXPECT_EQ(c.gateway_v4->to_string(), "10.0.2.2");
  EXPECT_EQ(c.gateway_v6->to_string(), "fec0::2");
  ASSERT_EQ(c.dns.size(), 1u);
  EXPECT_EQ(c.dns[0].to_string(), "10.0.2.3");
  EXPECT_TRUE(c.publish.empty());
  EXPECT_TRUE(c.pcap.empty());
  EXPECT_EQ(c.end_wait, std::chrono::seconds(5));
}

TEST(ProcessConfig, EveryWord) {
  const ProcessConfig c = parse({{"ORIEL_LINK", "tun:oriel0"},
                                 {"ORIEL_ADDRESS", "10.0.0.2/24, fd00::2/64"},
                                 {"ORIEL_GATEWAY", "10.0.0.1,fd00::1"},
                                 {"ORIEL_DNS", "10.0.0.7"},
                                 {"ORIEL_LINK_RATE", "10mbit"},
                                 {"ORIEL_PCAP", "run.pcap"},
                                 {"ORIEL_END_WAIT", "250ms"},
                                 {"HOME", "/"}});
  EXPECT_EQ(c.link, "tun:oriel0");
  ASSERT_EQ(c.addresses.size(), 2u);
  EXPECT_EQ(c.addresses[1].to_string(), "fd00::2/64");
  EXPECT_EQ(c.gateway_v4->to_string(), "10.0.0.1");
  EXPECT_EQ(c.gateway_v6->to_string(), "fd00::1");
  EXPECT_EQ(c.dns.at(0).to_string(), "10.0.0.7");
  EXPECT_EQ(c.link_bits_per_second, 10'000'000u);
  EXPECT_EQ(c.pcap, "run.pcap");
  EXPECT_EQ(c.end_wait, std::chrono::milliseconds(250));
}

TEST(ProcessConfig, VariablesGoBeforeTheFileAndEmptyOnesDoNotCount) {
  const Environment file = {{"link", "tun:file0"}, {"address", "10.1.0.2/24"}, {"pcap", "f.pcap"}};
  const ProcessConfig c = parse({{"ORIEL_LINK", "tun:word0"}, {"ORIEL_PCAP", ""}}, file);
  EXPECT_EQ(c.link, "tun:word0");
  EXPECT_EQ(c.addresses.at(0).to_string(), "10.1.0.2/24");
  EXPECT_EQ(c.pcap, "f.pcap");
}

TEST(ProcessConfig, PublishedPorts) {
  const ProcessConfig c = parse({{"ORIEL_PUBLISH", "8080:80,udp/5353:53,127.0.0.1:1:2,[::1]:3:4"}});
  ASSERT_EQ(c.publish.size(), 4u);
  EXPECT_FALSE(c.publish[0].is_udp);
  EXPECT_FALSE(c.publish[0].host_address);
  EXPECT_EQ(c.publish[0].host_port, 8080);
  EXPECT_EQ(c.publish[0].port, 80);
  EXPECT_TRUE(c.publish[1].is_udp);
  EXPECT_EQ(c.publish[2].host_address->to_string(), "127.0.0.1");
  EXPECT_EQ(c.publish[3].host_address->to_string(), "::1");
  EXPECT_EQ(c.publish[3].to_string(), "[::1]:3:4");
}

TEST(ProcessConfig, WhatIsWrongIsNamedWithWhatIsAllowed) {
  const struct {
    Environment environment;
    const char* where;
    const char* allowed;
  } rows[] = {
      {{{"ORIEL_LINK", "eth0"}}, "ORIEL_LINK: 'eth0'", "user, tun:NAME, tap:NAME or unix:PATH"},
      {{{"ORIEL_LINK", "tun:"}}, "ORIEL_LINK: 'tun:'", "tun:NAME"},
      {{{"ORIEL_LINK", "tun:sixteen-letters-x"}}, "'sixteen-letters-x'", "at most 15"},
      {{{"ORIEL_LINK", "tun:x"}}, "ORIEL_ADDRESS is missing", "10.0.0.2/24"},
      {{{"ORIEL_ADDRESS", "10.0.2.20"}}, "ORIEL_ADDRESS: '10.0.2.20'", "10.0.0.2/24"},
      {{{"ORIEL_ADDRESS", "10.0.0.2/24"}}, "'10.0.0.2/24'", "10.0.2.0/24"},
      {{{"ORIEL_ADDRESS", "10.0.2.2/24"}}, "'10.0.2.2/24'", "not their .2"},
      {{{"ORIEL_GATEWAY", "x"}}, "ORIEL_GATEWAY: 'x'", "10.0.0.1"},
      {{{"ORIEL_GATEWAY", "10.0.0.1,10.0.0.2"}}, "two gateways", "one for IPv4"},
      {{{"ORIEL_LINK", "tun:x"}, {"ORIEL_ADDRESS", "10.0.0.2/24"}, {"ORIEL_GATEWAY", "10.9.0.1"}},
       "'10.9.0.1'",
       "networks of ORIEL_ADDRESS"},
      {{{"ORIEL_DNS", "example.org"}}, "ORIEL_DNS: 'example.org'", "10.0.0.1"},
      {{{"ORIEL_PUBLISH", "80"}}, "ORIEL_PUBLISH: '80'", "HOSTPORT:PORT"},
      {{{"ORIEL_PUBLISH", "0:80"}}, "'0:80'", "HOSTPORT:PORT"},
      {{{"ORIEL_PUBLISH", "65536:80"}}, "'65536:80'", "HOSTPORT:PORT"},
      {{{"ORIEL_PUBLISH", "sctp/1:2"}}, "'sctp/1:2'", "udp/"},
      {{{"ORIEL_PUBLISH", "x:1:2"}}, "'x:1:2'", "ADDRESS:"},
      {{{"ORIEL_LINK", "unix:/tmp/x"}, {"ORIEL_ADDRESS", "10.0.0.2/24"}, {"ORIEL_PUBLISH", "1:2"}},
       "ORIEL_PUBLISH is for the user link",
       "the stack's own address"},
      {{{"ORIEL_END_WAIT", "5"}}, "ORIEL_END_WAIT: '5'", "500ms"},
      {{{"ORIEL_END_WAIT", "601s"}}, "'601s'", "0s to 600s"},
      {{{"ORIEL_END_WAIT", "-1s"}}, "'-1s'", "0s to 600s"},
  };
  for (const auto& row : rows) {
    const std::string s = sentence(row.environment);
    EXPECT_THAT(s, HasSubstr(row.where));
    EXPECT_THAT(s, HasSubstr(row.allowed));
  }
  EXPECT_THAT(sentence({}, {{"link", "eth0"}}), HasSubstr("stack.toml: link: 'eth0'"));
}

TEST(ProcessConfig, TheFile) {
  const auto words =
      read_config_text("link = \"tun:a\"\naddress = [\"10.0.0.2/24\", \"fd00::2/64\"]\n", "f");
  ASSERT_TRUE(words.has_value()) << words.error().text;
  EXPECT_TRUE(read_config_text("host = \"none\"\nend_wait = \"1s\"\n", "f").has_value());
  EXPECT_EQ(words->size(), 2u);
  EXPECT_EQ(words->at("address"), "10.0.0.2/24,fd00::2/64");
}

TEST(ProcessConfig, WhatIsWrongInTheFile) {
  const auto say = [](const char* text) { return read_config_text(text, "f.toml").error().text; };
  EXPECT_THAT(say("link = \n"), HasSubstr("f.toml, line 1:"));
  EXPECT_THAT(say("lnk = \"user\"\n"),
              HasSubstr("f.toml: lnk: there is no such key: write one of link,"));
  EXPECT_THAT(say("link = 5\n"), HasSubstr("f.toml: link: write a text in quotes"));
  EXPECT_THAT(say("address = [1]\n"), HasSubstr("f.toml: address: write a text in quotes"));
  EXPECT_THAT(say("[settings]\n"), HasSubstr("f.toml: settings: the stack's settings live in a"));
  EXPECT_THAT(say("[settings]\nx = 1\n"), HasSubstr("oriel settings list names"));
  EXPECT_THAT(say("[user]\nlink = \"user\"\n"), HasSubstr("f.toml: user: there is no such key"));
  EXPECT_THAT(say("[link]\n"), HasSubstr("f.toml: link: there is no such key"));
  const auto missing = read_process_config({{"ORIEL_CONFIG", "/nowhere/stack.toml"}});
  EXPECT_THAT(missing.error().text,
              HasSubstr("ORIEL_CONFIG: there is no file '/nowhere/stack.toml'"));
}

TEST(ProcessConfig, SpeedsThatAreNone) {
  for (const char* word : {"10", "mbit", "0mbit", "-1mbit", "10mb", "10 mbit", "1000001kbit"}) {
    EXPECT_THAT(sentence({{"ORIEL_LINK_RATE", word}}), HasSubstr("is not the speed of a link"))
        << word;
  }
  EXPECT_EQ(parse({{"ORIEL_LINK_RATE", "1gbit"}}).link_bits_per_second, 1'000'000'000u);
  EXPECT_EQ(parse({{"ORIEL_LINK_RATE", "56kbit"}}).link_bits_per_second, 56'000u);
}

}  // namespace
}  // namespace oriel::stack
