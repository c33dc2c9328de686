// Every way in which a file changes, and nothing else, is told. Events of the kernel's are there
// when the call that caused them returns, so nothing waits.
#include "runtime/file_watch.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace oriel::runtime {
namespace {

namespace fs = std::filesystem;

class FileWatchTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char directory[] = "/tmp/oriel_watch_XXXXXX";
    ASSERT_NE(::mkdtemp(directory), nullptr);
    at_ = directory;
  }
  void TearDown() override { fs::remove_all(at_); }
  void write(const std::string& name) { std::ofstream(at_ + "/" + name) << "x"; }
  static bool is_readable(const FileWatch& watch) {
    pollfd p{watch.fd(), POLLIN, 0};
    return ::poll(&p, 1, 0) == 1;
  }

  std::string at_;
};

TEST_F(FileWatchTest, WritingReplacingAndRemovingAreTold) {
  FileWatch watch({at_ + "/f", ""});
  ASSERT_GE(watch.fd(), 0);
  EXPECT_FALSE(is_readable(watch));
  EXPECT_FALSE(watch.drain());
  write("f");
  EXPECT_TRUE(is_readable(watch));
  EXPECT_TRUE(watch.drain());
  EXPECT_FALSE(is_readable(watch));
  EXPECT_FALSE(watch.drain());
  write("g");
  EXPECT_FALSE(watch.drain());  // another file
  fs::rename(at_ + "/g", at_ + "/f");
  EXPECT_TRUE(watch.drain());
  fs::remove(at_ + "/f");
  EXPECT_TRUE(watch.drain());
  write("f");
  EXPECT_TRUE(watch.drain());
}

TEST_F(FileWatchTest, DirectoriesThatComeAndGoAreFollowed) {
  FileWatch watch({at_ + "/a/b/f"});
  write("other");
  EXPECT_FALSE(watch.drain());
  fs::create_directory(at_ + "/a");
  EXPECT_TRUE(watch.drain());
  fs::create_directory(at_ + "/a/b");
  EXPECT_TRUE(watch.drain());
  write("a/b/f");
  EXPECT_TRUE(watch.drain());
  fs::remove_all(at_ + "/a");
  EXPECT_TRUE(watch.drain());
  fs::create_directories(at_ + "/a/b");
  EXPECT_TRUE(watch.drain());
  write("a/b/f");
  EXPECT_TRUE(watch.drain());
}

TEST_F(FileWatchTest, BothEndsOfASymbolicLinkCount) {
  fs::create_directory(at_ + "/real");
  write("real/f");
  fs::create_symlink("real/f", at_ + "/f");
  FileWatch watch({at_ + "/f"});
  write("real/f");
  EXPECT_TRUE(watch.drain());
  write("real/g");
  EXPECT_FALSE(watch.drain());
  fs::remove(at_ + "/f");
  EXPECT_TRUE(watch.drain());
  write("f");
  EXPECT_TRUE(watch.drain());
}

TEST_F(FileWatchTest, SeveralFilesOfOneDirectory) {
  FileWatch watch({at_ + "/f", at_ + "/g"});
  write("f");
  EXPECT_TRUE(watch.drain());
  write("g");
  EXPECT_TRUE(watch.drain());
  write("h");
  EXPECT_FALSE(watch.drain());
}

}  // namespace
}  // namespace oriel::runtime
