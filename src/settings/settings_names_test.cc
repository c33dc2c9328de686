// Keys, values and parameters as people write them on Windows.
#include "oriel/settings_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "support/req.h"

namespace oriel {
namespace {

using ::testing::HasSubstr;

constexpr const char* kKey =
    "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters";

class SettingsNamesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char directory[] = "/tmp/oriel_names_XXXXXX";
    ASSERT_NE(::mkdtemp(directory), nullptr);
    directory_ = directory;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  SettingsStore open() const {
    return SettingsStore::open({{"ORIEL_SETTINGS", directory_ + "/s.toml"}}).value();
  }
  std::string directory_;
};

std::string no_key(std::string_view text) {
  const auto r = RegistryKey::parse(text);
  return r ? "accepted" : r.error().text;
}

TEST(RegistryKey, AllItsSpellings) {
  REQ("SET-2");
  for (const char* text :
       {kKey, "HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters",
        "HKEY_LOCAL_MACHINE\\SYSTEM\\Current Control Set\\Services\\Tcpip\\Parameters",
        "hklm\\system\\currentcontrolset\\services\\tcpip\\parameters\\"}) {
    const auto key = RegistryKey::parse(text);
    ASSERT_TRUE(key.has_value()) << key.error().text;
    EXPECT_EQ(key->to_string(), kKey);
  }
  const std::string root = kKey;
  for (const char* below :
       {"\\Interfaces\\10.0.0.2", "\\Interface\\10.0.0.2", "\\interfaces\\{10.0.0.2}"}) {
    const auto key = RegistryKey::parse(root + below);
    ASSERT_TRUE(key.has_value()) << key.error().text;
    EXPECT_EQ(key->interface, "10.0.0.2");
    EXPECT_EQ(key->to_string(), root + "\\Interfaces\\10.0.0.2");
  }
}

TEST(RegistryKey, WhatIsNone) {
  const std::string root = kKey;
  EXPECT_THAT(no_key("HKLMSYSTEMCurrentControlSet"), HasSubstr("in single quotes for the shell"));
  EXPECT_THAT(no_key("HKCU\\Software"), HasSubstr("write " + root));
  EXPECT_THAT(no_key(root + "\\TCPWindowSize"), HasSubstr("write /v TCPWindowSize"));
  EXPECT_THAT(no_key(root + "\\Interfaces"), HasSubstr("Interfaces\\NAME"));
  EXPECT_THAT(no_key(root + "\\Interface\\a\\b"), HasSubstr("Interfaces\\NAME"));
  EXPECT_THAT(no_key(""), HasSubstr("is no key"));
}

TEST_F(SettingsNamesTest, ValuesAreStoredInTheStacksUnits) {
  REQ("SET-2");
  SettingsStore store = open();
  const RegistryKey key;
  ASSERT_TRUE(registry_set(store, key, "tcpTimedWaitDelay", 30).has_value());
  ASSERT_TRUE(registry_set(store, key, "KeepAliveTime", 300'000).has_value());
  ASSERT_TRUE(registry_set(store, key, "SackOpts", 0).has_value());
  ASSERT_TRUE(registry_set(store, key, "TCPWindowSize", 65'535).has_value());
  ASSERT_TRUE(registry_set(store, RegistryKey{"oriel0"}, "TcpWindowSize", 17'520).has_value());
  EXPECT_EQ(store.answer("tcp.time_wait")->value, "30s");
  EXPECT_EQ(store.answer("tcp.keepalive_idle")->value, "5min");
  EXPECT_EQ(store.answer("tcp.sack")->value, "false");
  EXPECT_EQ(store.answer("tcp.window_bytes@oriel0")->value, "17520");
  const auto values = registry_values(store, key);
  ASSERT_EQ(values.size(), 4u);
  EXPECT_EQ(values[0].name, "TCPWindowSize");
  EXPECT_EQ(values[0].data, 65'535u);
  EXPECT_EQ(values[2].name, "TcpTimedWaitDelay");
  EXPECT_EQ(values[2].data, 30u);
  ASSERT_EQ(registry_keys_below(store, key).size(), 1u);
  EXPECT_EQ(registry_keys_below(store, key)[0].interface, "oriel0");
  EXPECT_EQ(registry_values(store, RegistryKey{"oriel0"}).at(0).data, 17'520u);
}

TEST_F(SettingsNamesTest, WrongValuesSayWhatIsAllowed) {
  REQ("SET-2");
  SettingsStore store = open();
  const auto say = [&](const RegistryKey& key, const char* name, std::uint32_t data) {
    const auto r = registry_set(store, key, name, data);
    return r ? "accepted" : r.error().text;
  };
  EXPECT_EQ(say({}, "TcpTimedWaitDelay", 301),
            "TcpTimedWaitDelay: '301' is outside what is allowed: write 1 to 300 seconds");
  EXPECT_THAT(say({}, "TcpInitialRtt", 100), HasSubstr("write 300 to 65535 milliseconds"));
  EXPECT_THAT(say({}, "Tcp1323Opts", 4), HasSubstr("write 0 to 3"));
  EXPECT_THAT(say({}, "TCPWindowSize", 65'536), HasSubstr("needs window scaling"));
  EXPECT_THAT(say({}, "TCPWindowSize", 0x40000000), HasSubstr("write 1 to 1073741823 bytes"));
  EXPECT_THAT(say({}, "MaxUserPort", 1), HasSubstr("write one of TCPWindowSize, Tcp1323Opts"));
  EXPECT_THAT(say({"oriel0"}, "SackOpts", 1), HasSubstr("write one of TCPWindowSize"));
  EXPECT_TRUE(registry_values(store, {}).empty());
}

TEST_F(SettingsNamesTest, Netsh) {
  REQ("SET-2");
  REQ("ISB-9");
  SettingsStore store = open();
  const auto set = [&](NetshShow show, const char* word, const char* value) {
    const auto r = netsh_set(store, show, {{word, value}});
    return r ? "done" : r.error().text;
  };
  constexpr auto kTcp = NetshShow::kTcpGlobal;
  constexpr auto kWinsock = NetshShow::kWinsock;
  EXPECT_EQ(set(kTcp, "AutoTuningLevel", "HighlyRestricted"), "done");
  EXPECT_EQ(store.answer("tcp.autotuning_level")->value, "highlyrestricted");
  EXPECT_EQ(set(kTcp, "autotuning", "disabled"), "done");  // a beginning that no other has
  EXPECT_EQ(set(kTcp, "timestamps", "enabled"), "done");
  EXPECT_EQ(set(kTcp, "initialrto", "2000"), "done");
  EXPECT_EQ(set(kTcp, "congestionprovider", "newreno"), "done");
  EXPECT_EQ(set(kWinsock, "autotuning", "off"), "done");
  EXPECT_EQ(store.answer("tcp.send_autotuning")->value, "false");
  EXPECT_EQ(set(kTcp, "congestionprovider", "default"), "done");
  EXPECT_EQ(store.answer("tcp.congestion_algorithm")->layer, SettingsLayer::kProfile);
  EXPECT_EQ(set(kTcp, "autotuninglevel", "on"),
            "autotuninglevel: 'on' is wrong: write one of disabled, highlyrestricted, restricted, "
            "normal, experimental, or default");
  EXPECT_THAT(set(kTcp, "initialrto", "1s"), HasSubstr("write 300 to 65535 milliseconds"));
  EXPECT_THAT(set(kTcp, "initialrto", "18446744073710"), HasSubstr("write 300 to"));
  EXPECT_THAT(set(kWinsock, "autotuning", "enabled"), HasSubstr("write on or off"));
  EXPECT_THAT(set(kTcp, "rss", "enabled"), HasSubstr("write one of autotuninglevel, timestamps"));
  const auto both = netsh_set(store, kTcp, {{"timestamps", "disabled"}, {"initialrto", "1"}});
  EXPECT_FALSE(both.has_value());
  EXPECT_EQ(store.answer("tcp.timestamps")->value, "true");  // none of them was set
  const auto all = netsh_parameters(store, kTcp);
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(all[0].word, "autotuninglevel");
  EXPECT_EQ(all[0].value, "disabled");
  EXPECT_EQ(all[0].answer.layer, SettingsLayer::kStore);
  EXPECT_EQ(netsh_parameters(store, kWinsock).at(0).value, "off");
}

}  // namespace
}  // namespace oriel
