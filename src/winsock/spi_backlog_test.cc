// The ideal send backlog through WSPIoctl, and what it does to the send buffer (ISB-9): dynamic
// until the program sets SO_SNDBUF or asks; fixed on older profiles and where it is switched off.
#include <ws2ipdef.h>

#include <atomic>

#include "support/req.h"
#include "win32/io_completion.h"
#include "winsock/spi_case_test.h"

namespace oriel::winsock {
namespace {

class SpiBacklog : public SpiCase {
 protected:
  using SpiCase::SpiCase;
  void SetUp() override { make_pair(client, server); }
  void TearDown() override {
    close(client);
    close(server);
  }

  int query(SOCKET s, ULONG& backlog) {
    DWORD returned = 0;
    return spi_ioctl(s, SIO_IDEAL_SEND_BACKLOG_QUERY, nullptr, 0, &backlog, sizeof backlog,
                     &returned, nullptr, nullptr, nullptr, &error);
  }
  int notify(SOCKET s, WSAOVERLAPPED* o, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine = nullptr) {
    WSATHREADID thread{};
    DWORD returned = 0;
    return spi_ioctl(s, SIO_IDEAL_SEND_BACKLOG_CHANGE, nullptr, 0, nullptr, 0, &returned, o,
                     routine, &thread, &error);
  }
  /// Sends and reads until the backlog is well above what it was.
  void grow() {
    const std::string piece(65536, 'x');
    while (backlog() < 4 * 65536) {
      ASSERT_EQ(send(client, piece), 65536);
      std::size_t got = 0;
      while (got < piece.size()) got += receive(server, piece.size() - got).size();
    }
  }
  std::uint32_t backlog() {
    Turn turn(*host);
    return find_socket(client)->stream()->transport()->ideal_send_backlog();
  }
  /// What the connection would take now; nothing is under way any more.
  std::size_t room() {
    for (;;) {
      Turn turn(*host);
      const auto& t = *find_socket(client)->stream()->transport();
      if (t.bytes_acked() == t.bytes_queued()) return t.send_room();
    }
  }

  SOCKET client = INVALID_SOCKET;
  SOCKET server = INVALID_SOCKET;
};

TEST_F(SpiBacklog, ErrorsGoThroughTheArgument) {
  REQ("ISB-1");
  REQ("ISB-8");
  const SOCKET fresh = make();
  ULONG value = 0;
  EXPECT_EQ(query(fresh, value), SOCKET_ERROR);
  EXPECT_EQ(error, WSAENOTCONN);
  EXPECT_EQ(notify(fresh, nullptr), SOCKET_ERROR);
  EXPECT_EQ(error, WSAENOTCONN);
  EXPECT_EQ(query(client, value), 0);
  EXPECT_EQ(value, 65536u);
  close(fresh);
}

std::atomic<int> backlog_calls = 0;
void CALLBACK on_change(DWORD error, DWORD bytes, LPWSAOVERLAPPED, DWORD) {
  EXPECT_EQ(error, 0u);
  EXPECT_EQ(bytes, 0u);
  ++backlog_calls;
}

TEST_F(SpiBacklog, TheRoutineGoesThroughWpuQueueApc) {
  REQ("ISB-5");
  REQ("WS-3");
  backlog_calls = 0;
  WSAOVERLAPPED o{};
  EXPECT_EQ(notify(client, &o, on_change), SOCKET_ERROR);
  EXPECT_EQ(error, WSA_IO_PENDING);
  grow();
  while (win32::is_pending(o)) {
  }
  EXPECT_EQ(backlog_calls, 0);
  while (run_apcs() == 0) {
  }
  EXPECT_EQ(backlog_calls, 1);
}

TEST_F(SpiBacklog, ASenderThatDoesNothingFollowsTheBacklog) {
  REQ("ISB-9");
  grow();
  EXPECT_GE(room(), 4u * 65536);
}

TEST_F(SpiBacklog, SettingTheBufferFixesIt) {
  REQ("ISB-9");
  grow();
  set_option(client, SOL_SOCKET, SO_SNDBUF, 100'000);
  EXPECT_EQ(room(), 100'000u);
}

TEST_F(SpiBacklog, AskingFixesItWaitingDoesNot) {
  REQ("ISB-9");
  WSAOVERLAPPED o{};
  notify(client, &o);
  grow();
  EXPECT_GE(room(), 4u * 65536);
  ULONG value = 0;
  EXPECT_EQ(query(client, value), 0);
  EXPECT_EQ(room(), option(client, SOL_SOCKET, SO_SNDBUF));
  set_option(client, SOL_SOCKET, SO_SNDBUF, value);
  EXPECT_EQ(room(), value);
}

HostSettings of_profile(OsProfile profile, bool is_autotuning = true) {
  HostSettings s;
  s.profile = profile;
  s.is_send_autotuning = is_autotuning;
  return s;
}

class SpiBacklogSwitchedOff : public SpiBacklog {
 protected:
  SpiBacklogSwitchedOff() : SpiBacklog(of_profile(OsProfile::k11, false)) {}
};
TEST_F(SpiBacklogSwitchedOff, TheBufferIsFixed) {
  REQ("ISB-9");
  grow();
  EXPECT_EQ(room(), 65536u);
}

class SpiBacklogOfVistaSp1 : public SpiBacklog {
 protected:
  SpiBacklogOfVistaSp1() : SpiBacklog(of_profile(OsProfile::kVistaSp1)) {}
};
TEST_F(SpiBacklogOfVistaSp1, CanBeAskedForAndTheBufferIsFixed) {
  REQ("ISB-9");
  REQ("SET-1");
  grow();
  EXPECT_EQ(room(), 65536u);
  ULONG value = 0;
  EXPECT_EQ(query(client, value), 0);
}

class SpiBacklogOfVista : public SpiBacklog {
 protected:
  SpiBacklogOfVista() : SpiBacklog(of_profile(OsProfile::kVista)) {}
};
TEST_F(SpiBacklogOfVista, IsUnknown) {
  REQ("SET-1");
  ULONG value = 0;
  EXPECT_EQ(query(client, value), SOCKET_ERROR);
  EXPECT_EQ(error, WSAEOPNOTSUPP);
  EXPECT_EQ(notify(client, nullptr), SOCKET_ERROR);
  EXPECT_EQ(error, WSAEOPNOTSUPP);
}

}  // namespace
}  // namespace oriel::winsock
