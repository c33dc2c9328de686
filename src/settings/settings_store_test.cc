// The store on a disk: what a change leaves in the file, who may make it, and what two writers do.
#include "oriel/settings_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "support/req.h"

namespace oriel {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class SettingsStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char directory[] = "/tmp/oriel_set_XXXXXX";
    ASSERT_NE(::mkdtemp(directory), nullptr);
    directory_ = directory;
    path_ = directory_ + "/settings.toml";
    environment_ = {{"ORIEL_SETTINGS", path_}, {"ORIEL_POLICY", write("policy.toml", "")}};
  }
  void TearDown() override { fs::remove_all(directory_); }

  std::string write(const std::string& name, std::string_view text) {
    std::ofstream(directory_ + "/" + name, std::ios::binary) << text;
    return directory_ + "/" + name;
  }
  std::string text() const {
    std::ifstream file(path_, std::ios::binary);
    std::ostringstream all;
    all << file.rdbuf();
    return all.str();
  }
  SettingsStore open() const { return SettingsStore::open(environment_).value(); }
  std::string mistake() const {
    const auto r = SettingsStore::open(environment_);
    return r ? "accepted" : r.error().text;
  }

  std::string directory_;
  std::string path_;
  Environment environment_;
};

TEST_F(SettingsStoreTest, AChangeIsInTheFileAndInTheAnswer) {
  REQ("SET-1");
  SettingsStore store = open();
  EXPECT_EQ(store.answer("tcp.autotuning_level")->value, "normal");
  ASSERT_TRUE(store.set("tcp.autotuning_level", "disabled").has_value());
  EXPECT_EQ(text(), "[tcp]\nautotuning_level = \"disabled\"\n");
  EXPECT_EQ(store.answer("tcp.autotuning_level")->value, "disabled");
  EXPECT_EQ(store.answer("tcp.autotuning_level")->layer, SettingsLayer::kStore);
  EXPECT_EQ(open().host_settings().autotuning_level, AutotuningLevel::kDisabled);
  ASSERT_TRUE(store.unset("tcp.autotuning_level").has_value());
  EXPECT_EQ(text(), "[tcp]\n");
  EXPECT_EQ(store.answer("tcp.autotuning_level")->layer, SettingsLayer::kBuiltIn);
  ASSERT_TRUE(store.unset("tcp.autotuning_level").has_value());
}

TEST_F(SettingsStoreTest, AWrongValueChangesNothing) {
  write("settings.toml", "# mine\n[tcp]\nsack = true\n");
  SettingsStore store = open();
  EXPECT_THAT(store.set("tcp.sack", "maybe").error().text, HasSubstr("tcp.sack: 'maybe' is"));
  EXPECT_THAT(store.set("tcp.sock", "true").error().text, HasSubstr("there is no setting"));
  EXPECT_THAT(store.set("tcp.sack@oriel0", "true").error().text, HasSubstr("one value for all"));
  EXPECT_EQ(text(), "# mine\n[tcp]\nsack = true\n");
}

TEST_F(SettingsStoreTest, ALargeWindowNeedsScaling) {
  REQ("CM-11");
  SettingsStore store = open();
  EXPECT_TRUE(store.set("tcp.window_bytes", "65535").has_value());
  EXPECT_THAT(store.set("tcp.window_bytes", "65536").error().text,
              HasSubstr("'65536' needs window scaling: write 1 to 65535, or set "
                        "tcp.rfc1323_options (Tcp1323Opts) to 1 or 3 first"));
  ASSERT_TRUE(store.set("tcp.rfc1323_options", "2").has_value());
  EXPECT_FALSE(store.set("tcp.window_bytes", "65536").has_value());
  ASSERT_TRUE(store.set("tcp.rfc1323_options", "3").has_value());
  EXPECT_TRUE(store.set("tcp.window_bytes@10.0.0.2", "1073741823").has_value());
  EXPECT_EQ(open().answer("tcp.window_bytes@10.0.0.2")->value, "1073741823");
  EXPECT_EQ(open().answer("tcp.window_bytes")->value, "65535");
}

TEST_F(SettingsStoreTest, ALargeWindowWithoutScalingIsTold) {
  REQ("CM-11");
  SettingsStore store = open();
  ASSERT_TRUE(store.set("tcp.rfc1323_options", "1").has_value());
  ASSERT_TRUE(store.set("tcp.window_bytes@10.0.0.2", "1048560").has_value());
  EXPECT_EQ(store.answer("tcp.rfc1323_options")->beside, "");
  ASSERT_TRUE(store.unset("tcp.rfc1323_options").has_value());
  const char* const told = "tcp.window_bytes@10.0.0.2 of 1048560 counts as 65535";
  EXPECT_THAT(store.answer("tcp.rfc1323_options")->beside, HasSubstr(told));
  EXPECT_THAT(store.answer("tcp.window_bytes@10.0.0.2")->beside, HasSubstr(told));
  EXPECT_EQ(store.answer("tcp.window_bytes")->beside, "");
  EXPECT_EQ(store.answer("tcp.sack")->beside, "");
  ASSERT_TRUE(store.set("tcp.rfc1323_options", "2").has_value());
  EXPECT_THAT(store.answer("tcp.rfc1323_options")->beside, HasSubstr(told));
}

TEST_F(SettingsStoreTest, APolicyGoesBeforeTheStore) {
  REQ("CM-10");
  write("policy.toml", "[tcp]\nautotuning_level = \"disabled\"\n");
  SettingsStore store = open();
  ASSERT_TRUE(store.set("tcp.autotuning_level", "experimental").has_value());
  const SettingAnswer a = store.answer("tcp.autotuning_level").value();
  EXPECT_EQ(a.value, "disabled");
  EXPECT_EQ(a.layer, SettingsLayer::kPolicy);
  EXPECT_EQ(a.sayings.at(2).value, "experimental");
  EXPECT_EQ(store.host_settings().autotuning_level, AutotuningLevel::kDisabled);
  write("policy.toml", "[tcp]\nlevel = 1\n");
  EXPECT_THAT(mistake(), HasSubstr("policy.toml, line 2: tcp.level: there is no setting"));
  fs::remove(directory_ + "/policy.toml");
  EXPECT_THAT(mistake(), HasSubstr("ORIEL_POLICY: there is no file"));
}

TEST_F(SettingsStoreTest, WhereTheFilesLie) {
  const auto store_of = [this](Environment e) {
    e["ORIEL_POLICY"] = environment_["ORIEL_POLICY"];
    return SettingsStore::open(e)->store_path();
  };
  const std::string d = directory_;
  EXPECT_EQ(store_of({{"ORIEL_SETTINGS", d + "/a"}, {"HOME", d}}), d + "/a");
  EXPECT_EQ(store_of({{"XDG_CONFIG_HOME", d}, {"HOME", "/h"}}), d + "/oriel/settings.toml");
  EXPECT_EQ(store_of({{"XDG_CONFIG_HOME", "relative"}, {"HOME", d}}),
            d + "/.config/oriel/settings.toml");
  EXPECT_EQ(store_of({{"ORIEL_SETTINGS", ""}}), "");
  SettingsStore nowhere =
      SettingsStore::open({{"ORIEL_POLICY", environment_["ORIEL_POLICY"]}}).value();
  EXPECT_THAT(nowhere.set("tcp.sack", "true").error().text, HasSubstr("no place for settings"));
  SettingsStore at_home =
      SettingsStore::open({{"HOME", d + "/new"}, {"ORIEL_POLICY", environment_["ORIEL_POLICY"]}})
          .value();
  ASSERT_TRUE(at_home.set("tcp.sack", "false").has_value());
  EXPECT_TRUE(fs::exists(d + "/new/.config/oriel/settings.toml"));
}

TEST_F(SettingsStoreTest, ModeAndSymbolicLinkStay) {
  write("real.toml", "# mine\n");
  ::chmod((directory_ + "/real.toml").c_str(), 0640);
  fs::create_symlink("real.toml", path_);
  ASSERT_TRUE(open().set("tcp.sack", "false").has_value());
  EXPECT_TRUE(fs::is_symlink(path_));
  EXPECT_EQ(text(), "# mine\n\n[tcp]\nsack = false\n");
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0640u);
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_), {}), 3);  // nothing left over
}

TEST_F(SettingsStoreTest, BadFilesAreSaidAndNotEdited) {
  write("settings.toml", "[tcp]\nsack = true\nsack = false\n");
  EXPECT_THAT(mistake(), HasSubstr(path_ + ", line 3:"));
  write("settings.toml", "# }\n[tcp]\nsack = [1, }\n");
  EXPECT_THAT(mistake(), HasSubstr(path_ + ", line 3: a bracket or brace"));
  write("settings.toml", "x = '''\n}\n'''\ny = \"a]\\\"}\"\nz = {b = 1]\n");
  EXPECT_THAT(mistake(), HasSubstr(path_ + ", line 5: a bracket or brace"));
  write("settings.toml", "# gr\xc3\xbc\xc3\x9f\n[tcp]\nsac\xc3\x9f = true\n");
  EXPECT_THAT(mistake(), HasSubstr(path_ + ", line 3: "));
  environment_["ORIEL_SETTINGS"] = directory_;
  EXPECT_THAT(mistake(), HasSubstr("the file '" + directory_ + "' cannot be read"));
  environment_["ORIEL_SETTINGS"] = write("large.toml", std::string((1u << 20) + 1, '#'));
  EXPECT_THAT(mistake(), HasSubstr("larger than 1 MiB"));
  environment_["ORIEL_SET"] = "tcp.sack";
  environment_["ORIEL_SETTINGS"] = "/dev/null";
  EXPECT_THAT(mistake(), HasSubstr("ORIEL_SET: 'tcp.sack' sets nothing"));
}

// A pipe stands for every device: nothing may take its place.
TEST_F(SettingsStoreTest, OnlyFilesAreReplaced) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_THAT(open().set("tcp.sack", "true").error().text, HasSubstr("is no file that can be"));
  EXPECT_TRUE(fs::is_fifo(path_));
}

// A file that breaks between reading and the edit is left to its writer.
TEST_F(SettingsStoreTest, AnEditNeverMendsWhatItDoesNotKnow) {
  SettingsStore store = open();
  write("settings.toml", "[tcp]\nsock = true\n");
  EXPECT_THAT(store.set("tcp.sack", "true").error().text, HasSubstr("line 2: tcp.sock"));
  EXPECT_EQ(text(), "[tcp]\nsock = true\n");
}

// Eight processes at once, each with settings of its own: no edit is lost.
TEST_F(SettingsStoreTest, WritersTakeTurns) {
  constexpr int kWriters = 8;
  std::vector<pid_t> children;
  for (int i = 0; i < kWriters; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      bool is_good = true;
      for (int round = 0; round < 5; ++round) {
        const std::string name =
            "tcp.window_bytes@link" + std::to_string(i) + "." + std::to_string(round);
        is_good = is_good && SettingsStore::open(environment_)->set(name, "5000").has_value();
      }
      ::_exit(is_good ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(open().interfaces().size(), kWriters * 5u);
}

TEST_F(SettingsStoreTest, RightsAreRespected) {
  if (::geteuid() == 0) {  // root may write anything: become somebody else for this test
    const pid_t child = ::fork();
    if (child != 0) {
      int status = -1;
      ASSERT_EQ(::waitpid(child, &status, 0), child);
      EXPECT_EQ(status, 0);
      return;
    }
    fs::permissions(directory_, fs::perms::all);
    if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(2);
  }
  const auto says = [](const Result<void>& r, const char* sentence) {
    return !r && r.error().code == ErrorCode::kPermissionDenied &&
           r.error().text.find(sentence) != std::string::npos;
  };
  bool is_good = true;
  SettingsStore store = open();
  fs::create_directory(directory_ + "/closed");
  fs::permissions(directory_ + "/closed", fs::perms::owner_read | fs::perms::owner_exec);
  environment_["ORIEL_SETTINGS"] = directory_ + "/closed/settings.toml";
  is_good = is_good && says(open().set("tcp.sack", "true"), "cannot be written");
  is_good = is_good && store.set("tcp.sack", "true").has_value();
  const std::string before = text();
  fs::permissions(path_, fs::perms::owner_read);
  is_good = is_good && says(store.set("tcp.sack", "false"), "cannot be written");
  is_good = is_good && text() == before;
  if (::geteuid() == 65534) ::_exit(is_good ? 0 : 1);
  EXPECT_TRUE(is_good);
}

}  // namespace
}  // namespace oriel
