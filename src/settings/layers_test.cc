// Which layer answers, and what a source that is wrong says.
#include "settings/layers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "settings/schema.h"
#include "support/req.h"

namespace oriel::settings {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<Saying> file(std::string_view text, const std::string& name = "f.toml") {
  return read_sayings(text, name).value();
}
std::string mistake(std::string_view text) {
  const auto r = read_sayings(text, "f.toml");
  return r ? "accepted" : r.error().text;
}
Answer ask_for(const Layers& layers, std::string_view name) {
  const SettingName n = parse_name(name).value();
  return ask(layers, *n.row, n.interface);
}

TEST(Layers, EachGoesBeforeTheOneBelow) {
  REQ("SET-1");
  Layers l;
  EXPECT_EQ(ask_for(l, "tcp.sack").layer, SettingsLayer::kBuiltIn);
  EXPECT_EQ(ask_for(l, "tcp.syn_retransmits").layer, SettingsLayer::kProfile);
  EXPECT_EQ(ask_for(l, "tcp.syn_retransmits").value, 4);
  l.store = file("[oriel]\nprofile = \"xp\"\n");
  EXPECT_EQ(ask_for(l, "tcp.syn_retransmits").value, 2);
  l.store = file("[tcp]\n# why\nsyn_retransmits = 5\n");
  EXPECT_EQ(ask_for(l, "tcp.syn_retransmits").layer, SettingsLayer::kStore);
  EXPECT_EQ(ask_for(l, "tcp.syn_retransmits").value, 5);
  l.run = read_words("tcp.syn_retransmits=6", "ORIEL_SET").value();
  EXPECT_EQ(ask_for(l, "tcp.syn_retransmits").layer, SettingsLayer::kRun);
  EXPECT_EQ(ask_for(l, "tcp.syn_retransmits").value, 6);
  l.policy = file("tcp.syn_retransmits = 7\n", "policy.toml");
  const Answer a = ask_for(l, "tcp.syn_retransmits");
  EXPECT_EQ(a.layer, SettingsLayer::kPolicy);
  EXPECT_EQ(a.value, 7);
  ASSERT_EQ(a.sayings.size(), 5u);
  EXPECT_EQ(a.sayings[0].value, std::nullopt);
  EXPECT_EQ(a.sayings[1].value, 4);
  EXPECT_EQ(a.sayings[2].value, 5);
  EXPECT_EQ(a.sayings[2].place, "f.toml, line 3");
  EXPECT_EQ(a.sayings[3].place, "ORIEL_SET");
  EXPECT_EQ(a.sayings[4].place, "policy.toml, line 1");
}

TEST(Layers, AnInterfacesOwnValueGoesBeforeEverybodysOfItsLayerOnly) {
  REQ("CM-11");
  Layers l;
  EXPECT_EQ(ask_for(l, "tcp.window_bytes@oriel0").value, std::nullopt);
  l.store =
      file("[tcp]\nwindow_bytes = 20000\n[interface.\"10.0.0.2\".tcp]\nwindow_bytes = 30000\n");
  EXPECT_EQ(ask_for(l, "tcp.window_bytes").value, 20000);
  EXPECT_EQ(ask_for(l, "tcp.window_bytes@10.0.0.2").value, 30000);
  EXPECT_EQ(ask_for(l, "tcp.window_bytes@oriel0").value, 20000);
  EXPECT_THAT(interfaces_of(l), ElementsAre("10.0.0.2"));
  HostSettings host = host_settings(l);
  EXPECT_EQ(host.tcp_window_bytes, 20000u);
  ASSERT_EQ(host.interfaces.size(), 1u);
  EXPECT_EQ(host.interfaces[0].name, "10.0.0.2");
  EXPECT_EQ(host.interfaces[0].tcp_window_bytes, 30000u);
  l.policy = file("tcp.window_bytes = 40000\n");
  EXPECT_EQ(ask_for(l, "tcp.window_bytes@10.0.0.2").value, 40000);
  EXPECT_EQ(host_settings(l).interfaces[0].tcp_window_bytes, 40000u);
}

TEST(Layers, HostSettingsSayOnlyWhatSomebodySaid) {
  Layers l;
  l.store = file(
      "[oriel]\nprofile = \"2003\"\n[tcp]\nautotuning_level = \"restricted\"\nrto_initial = "
      "\"2500ms\"\nsack = false\nsend_autotuning = false\n");
  l.run = read_words("tcp.window_bytes@oriel0=5000,,tcp.window_bytes@oriel0=6000", "v").value();
  const HostSettings host = host_settings(l);
  EXPECT_EQ(host.profile, OsProfile::k2003);
  EXPECT_EQ(host.autotuning_level, AutotuningLevel::kRestricted);
  EXPECT_EQ(host.rto_initial, std::chrono::milliseconds(2500));
  EXPECT_FALSE(host.is_sack);
  EXPECT_FALSE(host.is_send_autotuning);
  EXPECT_EQ(host.syn_retransmits, std::nullopt);  // the profile's to say
  ASSERT_EQ(host.interfaces.size(), 1u);
  EXPECT_EQ(host.interfaces[0].tcp_window_bytes, 6000u);  // the later word
}

TEST(Layers, WhatIsWrongInAFileIsSaidWithItsLine) {
  EXPECT_THAT(mistake("[tcp]\nsack = \n"), HasSubstr("f.toml, line 2:"));
  EXPECT_EQ(mistake("[tcp]\n\nautotuning_level = \"off\"\n"),
            "f.toml, line 3: tcp.autotuning_level: 'off' is not one of its words: write one of "
            "disabled, highlyrestricted, restricted, normal, experimental");
  EXPECT_THAT(mistake("[tcp]\nautotunning = 1\n"),
              HasSubstr("f.toml, line 2: tcp.autotunning: there is no setting 'tcp.autotunning': "
                        "write one of tcp.autotuning_level"));
  EXPECT_THAT(mistake("link = \"user\"\n"), HasSubstr("there is no setting 'link'"));
  EXPECT_THAT(mistake("[nonsense]\n"), HasSubstr("f.toml, line 1: nonsense: there is no setting"));
  EXPECT_THAT(mistake("[tcp]\nsack = 1\n"), HasSubstr("write true or false, without quotes"));
  EXPECT_THAT(mistake("[tcp]\nsack = \"true\"\n"), HasSubstr("without quotes"));
  EXPECT_THAT(mistake("[tcp]\ntime_wait = 30\n"), HasSubstr("as a text in quotes"));
  EXPECT_THAT(mistake("[tcp]\nwindow_bytes = 1.5\n"), HasSubstr("without quotes"));
  EXPECT_THAT(mistake("[oriel]\nprofile = 11\n"), HasSubstr("as a text in quotes"));
  EXPECT_THAT(mistake("[[tcp]]\nsack = true\n"), HasSubstr("f.toml, line 1: tcp:"));
  EXPECT_THAT(mistake("[interface.oriel0.tcp]\nsack = true\n"),
              HasSubstr("tcp.sack has one value for all interfaces"));
  EXPECT_THAT(mistake("[interface]\nx = 1\n"), HasSubstr("[interface.\"10.0.0.2\".tcp]"));
  EXPECT_THAT(mistake("[interface.\"a b\".tcp]\nwindow_bytes = 5\n"),
              HasSubstr("'a b' is no interface"));
  EXPECT_THAT(mistake("\"tcp.sack\" = true\n"), HasSubstr("there is no setting"));
  EXPECT_THAT(mistake("\n[=tcp]\n"), HasSubstr("f.toml, line 2: a bracket at a line's beginning"));
  EXPECT_THAT(mistake("[[ \ntcp]]\n"), HasSubstr("f.toml, line 1: a bracket"));
}

TEST(Layers, TablesWithNothingInThemSayNothing) {
  EXPECT_EQ(mistake(""), "accepted");
  EXPECT_EQ(mistake("# only a remark\n[tcp]\n[interface.oriel0.tcp]\n[interface.a]\n"), "accepted");
  EXPECT_THAT(mistake("[interface.oriel0.udp]\n"), HasSubstr("this is no setting"));
}

TEST(Layers, WhatIsWrongInTheWordsOfARun) {
  const auto say = [](const char* words) { return read_words(words, "ORIEL_SET").error().text; };
  EXPECT_THAT(say("tcp.sack"), HasSubstr("ORIEL_SET: 'tcp.sack' sets nothing: write NAME=VALUE"));
  EXPECT_THAT(say("tcp.sock=true"), HasSubstr("ORIEL_SET: there is no setting 'tcp.sock'"));
  EXPECT_THAT(say("tcp.sack=yes"), HasSubstr("ORIEL_SET: tcp.sack: 'yes' is neither"));
  EXPECT_THAT(say("x=1"), HasSubstr("oriel settings list shows all"));
}

}  // namespace
}  // namespace oriel::settings
