// Every name of the matrix is a mode, and each mode says what its name says.
#include "lab_modes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oriel::cli {
namespace {

TEST(LabModes, TheMatrixHasThePromisedNames) {
  const std::vector<std::string> names = compat_mode_names();
  for (const char* wanted :
       {"default", "autotuning-vista", "autotuning-xp", "all-vista", "all-xp",
        "receivebuffering-vista", "level-disabled", "level-highlyrestricted", "level-restricted",
        "level-normal", "level-experimental", "xp", "xp-tcp1323opts-1", "xp-tcp1323opts-3"}) {
    EXPECT_THAT(names, testing::Contains(wanted));
  }
  EXPECT_THAT(names, testing::Contains(testing::StartsWith("xp-tcpwindowsize-")));
  for (const std::string& name : names) EXPECT_TRUE(find_lab_mode(name).has_value()) << name;
}

TEST(LabModes, TheOldNamesOfLongfatAreModesToo) {
  EXPECT_EQ(find_lab_mode("normal")->settings.autotuning_level, AutotuningLevel::kNormal);
  EXPECT_EQ(find_lab_mode("no-scaling")->settings.autotuning_level, AutotuningLevel::kDisabled);
}

TEST(LabModes, AProgramsWishBelongsToTheSocket) {
  const LabMode vista = find_lab_mode("autotuning-vista").value();
  EXPECT_EQ(vista.socket.compatibility.receive_mode, ReceiveMode::kShiftTwo);
  EXPECT_FALSE(vista.socket.compatibility.may_shrink_receive_buffer);
  const LabMode xp = find_lab_mode("all-xp").value();
  EXPECT_EQ(xp.socket.compatibility.receive_mode, ReceiveMode::kNoScaling);
  EXPECT_EQ(xp.settings.profile, HostSettings{}.profile);
  EXPECT_TRUE(
      find_lab_mode("receivebuffering-vista")->socket.compatibility.may_shrink_receive_buffer);
}

TEST(LabModes, RegistryValuesAreReadFromTheName) {
  const HostSettings plain = find_lab_mode("xp")->settings;
  EXPECT_EQ(plain.profile, OsProfile::kXp);
  EXPECT_FALSE(plain.tcp_window_bytes.has_value());
  EXPECT_EQ(plain.rfc1323_options, 0);
  const HostSettings both = find_lab_mode("xp-tcpwindowsize-262144-tcp1323opts-3")->settings;
  EXPECT_EQ(both.tcp_window_bytes, 262'144u);
  EXPECT_EQ(both.rfc1323_options, 3);
}

TEST(LabModes, OtherNamesAreAnsweredWithWhatThereIs) {
  for (const char* name :
       {"", "XP", "xp-", "xp-tcpwindowsize-", "xp-tcpwindowsize-0", "xp-tcpwindowsize-1073741824",
        "xp-tcp1323opts-4", "xp-tcp1323opts-1-tcpwindowsize-1", "xpx"}) {
    const auto mode = find_lab_mode(name);
    ASSERT_FALSE(mode.has_value()) << name;
    EXPECT_THAT(mode.error().message(), testing::HasSubstr("is not a mode; there are default, "));
  }
}

}  // namespace
}  // namespace oriel::cli
