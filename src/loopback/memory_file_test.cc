// What the other process can do with a memory file, and what it cannot.
#include "loopback/memory_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "support/req.h"

namespace oriel::loopback {
namespace {

constexpr std::size_t kFileBytes = 8192;

TEST(MemoryFile, ReaderSeesWhatTheCreatorWrites) {
  auto own = MemoryFile::create(kFileBytes);
  ASSERT_TRUE(own);
  auto seen = MemoryFile::open(::dup(own->fd()), kFileBytes);
  ASSERT_TRUE(seen);
  own->own()[kFileBytes - 1] = 7;
  EXPECT_EQ(seen->view()[kFileBytes - 1], 7);
}

TEST(MemoryFile, PeerCanNeitherWriteNorCutNorUnseal) {
  REQ("LFP-12");
  auto own = MemoryFile::create(kFileBytes);
  ASSERT_TRUE(own);
  const int fd = own->fd();
  EXPECT_EQ(::mmap(nullptr, kFileBytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
  EXPECT_NE(::ftruncate(fd, 0), 0);
  EXPECT_NE(::ftruncate(fd, 2 * kFileBytes), 0);
  EXPECT_NE(::fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096), 0);
  EXPECT_LT(::write(fd, "x", 1), 0);
  EXPECT_NE(::fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), 0);
  void* reading = ::mmap(nullptr, kFileBytes, PROT_READ, MAP_SHARED, fd, 0);
  ASSERT_NE(reading, MAP_FAILED);
  EXPECT_NE(::mprotect(reading, kFileBytes, PROT_READ | PROT_WRITE), 0);
  ::munmap(reading, kFileBytes);
}

TEST(MemoryFile, UnsealedOrSmallerIsRefused) {
  REQ("LFP-12");
  const int unsealed = ::memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  ASSERT_EQ(::ftruncate(unsealed, kFileBytes), 0);
  EXPECT_EQ(MemoryFile::open(unsealed, kFileBytes).error().code, ErrorCode::kPermissionDenied);
  auto own = MemoryFile::create(kFileBytes);
  ASSERT_TRUE(own);
  EXPECT_EQ(MemoryFile::open(::dup(own->fd()), 2 * kFileBytes).error().code, ErrorCode::kMalformed);
  EXPECT_FALSE(MemoryFile::open(-1, kFileBytes));
}

}  // namespace
}  // namespace oriel::loopback
