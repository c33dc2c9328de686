// SIO_SET_COMPATIBILITY_MODE and SO_RCVBUF through the provider, on profiles that know the code and
// one that does not.
#include <mswsock.h>

#include "support/req.h"
#include "winsock/operation.h"
#include "winsock/spi_case_test.h"

namespace oriel::winsock {
namespace {

constexpr DWORD kUntouched = 0xdeadbeef;

class SpiCompatTest : public SpiCase {
 protected:
  /// 0, or the error.
  int set_mode(SOCKET s, DWORD behaviour, DWORD target, DWORD in_bytes = 8) {
    const DWORD mode[2] = {behaviour, target};
    DWORD returned = kUntouched;
    error = 0;
    spi_ioctl(s, SIO_SET_COMPATIBILITY_MODE, const_cast<DWORD*>(mode), in_bytes, nullptr, 0,
              &returned, nullptr, nullptr, nullptr, &error);
    EXPECT_EQ(returned, 0u);
    return error;
  }
  TcpInfo info(SOCKET s) {
    const auto socket = find_socket(s);
    Turn turn(socket->host());
    TcpInfo out;
    socket->stream()->transport()->fill_info(turn->now(), out);
    return out;
  }
  int set_rcv_buffer(SOCKET s, DWORD bytes) {
    return set_option(s, SOL_SOCKET, SO_RCVBUF, bytes) == 0 ? 0 : error;
  }
  /// A pair of which the client, or the listener, was given the mode before the SYN.
  void make_pair_with(DWORD behaviour, DWORD target, bool is_on_listener, SOCKET& client,
                      SOCKET& server) {
    const SOCKET listener = make_listener();
    client = make();
    ASSERT_EQ(set_mode(is_on_listener ? listener : client, behaviour, target), 0);
    ASSERT_EQ(connect(client, port_of(listener)), 0) << error;
    server = accept(listener);
    ASSERT_NE(server, INVALID_SOCKET) << error;
    EXPECT_EQ(close(listener), 0);
  }
};

TEST_F(SpiCompatTest, EveryBehaviourAndEveryTargetIsTaken) {
  REQ("CM-1");
  const SOCKET s = make();
  for (const DWORD behaviour :
       {WsaBehaviorAll, WsaBehaviorReceiveBuffering, WsaBehaviorAutoTuning}) {
    for (const DWORD target : {DWORD{NTDDI_LONGHORN}, DWORD{NTDDI_WS03}, DWORD{NTDDI_WINXP},
                               DWORD{NTDDI_WIN2K}, DWORD{NTDDI_WIN10}, DWORD{0}, ~DWORD{0}}) {
      EXPECT_EQ(set_mode(s, behaviour, target), 0);
      EXPECT_EQ(set_mode(s, behaviour, target, 100), 0);
    }
  }
}

TEST_F(SpiCompatTest, RefusesWhatIsNoMode) {
  REQ("CM-1");
  REQ("WS-2");
  const SOCKET s = make();
  for (DWORD bytes = 0; bytes < 8; ++bytes) {
    EXPECT_EQ(set_mode(s, WsaBehaviorAll, NTDDI_LONGHORN, bytes), WSAEINVAL);
  }
  for (const DWORD behaviour : {DWORD{3}, DWORD{100}, ~DWORD{0}}) {
    EXPECT_EQ(set_mode(s, behaviour, NTDDI_LONGHORN), WSAEINVAL);
  }
  DWORD returned = kUntouched;
  const auto call = [&](void* in, DWORD* told) {
    spi_ioctl(s, SIO_SET_COMPATIBILITY_MODE, in, 8, nullptr, 0, told, nullptr, nullptr, nullptr,
              &error);
    return error;
  };
  EXPECT_EQ(call(nullptr, &returned), WSAEFAULT);
  EXPECT_EQ(call(reinterpret_cast<void*>(8), &returned), WSAEFAULT);
  DWORD mode[2] = {WsaBehaviorAll, NTDDI_LONGHORN};
  EXPECT_EQ(call(mode, nullptr), WSAEFAULT);
  EXPECT_EQ(set_mode(make(SOCK_DGRAM), WsaBehaviorAll, NTDDI_LONGHORN), WSAEOPNOTSUPP);
  spi_ioctl(SOCKET{0x7ffc}, SIO_SET_COMPATIBILITY_MODE, mode, sizeof mode, nullptr, 0, &returned,
            nullptr, nullptr, nullptr, &error);
  EXPECT_EQ(error, WSAENOTSOCK);
}

TEST_F(SpiCompatTest, AutoTuningForVistaIsScaleTwo) {
  REQ("CM-4");
  REQ("CM-7");
  for (const DWORD behaviour : {WsaBehaviorAutoTuning, WsaBehaviorAll}) {
    for (const bool is_on_listener : {false, true}) {
      SOCKET client, server;
      make_pair_with(behaviour, NTDDI_LONGHORN, is_on_listener, client, server);
      const TcpInfo asked = info(is_on_listener ? server : client);
      const TcpInfo other = info(is_on_listener ? client : server);
      EXPECT_EQ(asked.window_scale_sent, 2);
      EXPECT_EQ(other.window_scale_sent, 8);
      EXPECT_EQ(other.snd_wind_shift, 2);
      EXPECT_FALSE(asked.is_rcv_buf_fixed);
    }
  }
}

TEST_F(SpiCompatTest, AutoTuningForXpIsNoScaling) {
  REQ("CM-5");
  REQ("CM-7");
  for (const DWORD target : {NTDDI_WS03, NTDDI_WINXP, NTDDI_WIN2K, NTDDI_LONGHORN - 1}) {
    for (const bool is_on_listener : {false, true}) {
      SOCKET client, server;
      make_pair_with(WsaBehaviorAutoTuning, target, is_on_listener, client, server);
      const TcpInfo asked = info(is_on_listener ? server : client);
      EXPECT_EQ(asked.window_scale_sent, -1);
      EXPECT_EQ(asked.snd_wind_shift, -1);
      EXPECT_TRUE(asked.is_rcv_buf_fixed);
      EXPECT_EQ(asked.rcv_buf, 65'535u);
    }
  }
}

TEST_F(SpiCompatTest, AfterTheSynTheAutoTuningPartHasNoEffect) {
  REQ("CM-8");
  SOCKET client, server;
  make_pair(client, server);
  for (const SOCKET s : {client, server}) {
    EXPECT_EQ(set_mode(s, WsaBehaviorAll, NTDDI_WINXP), 0);
    EXPECT_EQ(info(s).rcv_wind_shift, 8);
    EXPECT_FALSE(info(s).is_rcv_buf_fixed);
  }
}

TEST_F(SpiCompatTest, ReceiveBufferOfAConnectionOnlyGrows) {
  REQ("CM-3");
  SOCKET client, server;
  make_pair(client, server);
  EXPECT_EQ(option(client, SOL_SOCKET, SO_RCVBUF), 65'536u);
  EXPECT_EQ(set_rcv_buffer(client, 65'535), WSAEINVAL);
  EXPECT_EQ(option(client, SOL_SOCKET, SO_RCVBUF), 65'536u);
  EXPECT_EQ(set_rcv_buffer(client, 65'536), 0);
  EXPECT_EQ(set_rcv_buffer(client, 300'000), 0);
  EXPECT_EQ(set_rcv_buffer(client, 299'999), WSAEINVAL);
  EXPECT_EQ(set_mode(client, WsaBehaviorReceiveBuffering, NTDDI_WINXP), 0);
  EXPECT_EQ(set_rcv_buffer(client, 299'999), WSAEINVAL);
  EXPECT_EQ(option(client, SOL_SOCKET, SO_RCVBUF), 300'000u);
  EXPECT_EQ(info(client).rcv_buf, 300'000u);
  EXPECT_TRUE(info(client).is_rcv_buf_fixed);
}

TEST_F(SpiCompatTest, ReceiveBufferingForVistaLetsItShrink) {
  REQ("CM-3");
  REQ("CM-7");
  for (const DWORD behaviour : {WsaBehaviorReceiveBuffering, WsaBehaviorAll}) {
    for (const bool is_on_listener : {false, true}) {
      SOCKET client, server;
      make_pair_with(behaviour, NTDDI_LONGHORN, is_on_listener, client, server);
      const SOCKET asked = is_on_listener ? server : client;
      const SOCKET other = is_on_listener ? client : server;
      EXPECT_EQ(set_rcv_buffer(asked, 20'000), 0);
      EXPECT_EQ(info(asked).rcv_buf, 20'000u);
      EXPECT_EQ(set_rcv_buffer(other, 20'000), WSAEINVAL);
      // It still takes what was promised before.
      EXPECT_EQ(send(other, std::string(60'000, 'x')), 60'000);
      std::string all;
      while (all.size() < 60'000) all += receive(asked, 60'000);
      EXPECT_EQ(all.size(), 60'000u);
      // And can be taken back.
      EXPECT_EQ(set_mode(asked, behaviour, NTDDI_WS03), 0);
      EXPECT_EQ(set_rcv_buffer(asked, 10'000), WSAEINVAL);
    }
  }
}

TEST_F(SpiCompatTest, BeforeConnectingAnySizeIsTakenAndPicksTheScale) {
  REQ("CM-3");
  REQ("CM-9");
  const SOCKET listener = make_listener();
  const SOCKET client = make();
  EXPECT_EQ(set_rcv_buffer(client, 300'000), 0);
  EXPECT_EQ(set_rcv_buffer(client, 200'000), 0);
  ASSERT_EQ(connect(client, port_of(listener)), 0);
  EXPECT_EQ(info(client).window_scale_sent, 2);
  EXPECT_EQ(info(client).rcv_buf, 200'000u);
  EXPECT_TRUE(info(client).is_rcv_buf_fixed);
  EXPECT_EQ(option(client, SOL_SOCKET, SO_RCVBUF), 200'000u);
}

TEST_F(SpiCompatTest, DatagramBuffersGrowAndShrink) {
  const SOCKET s = make(SOCK_DGRAM);
  ASSERT_EQ(bind(s), 0);
  EXPECT_EQ(set_rcv_buffer(s, 300'000), 0);
  EXPECT_EQ(set_rcv_buffer(s, 1'000), 0);
  EXPECT_EQ(option(s, SOL_SOCKET, SO_RCVBUF), 1'000u);
}

/// The same on a host of an older profile.
class SpiOldProfileTest : public SpiCompatTest {
 protected:
  explicit SpiOldProfileTest(OsProfile profile) {
    spi_cleanup(&error);
    host->stop();
    HostOptions options;
    options.settings.profile = profile;
    host = std::make_shared<stack::HostImpl>(options);
    host->start();
    set_provider_host(host);
    WSPDATA data;
    WSPPROC_TABLE table;
    WSAPROTOCOL_INFOW wanted{};
    was_started = base_wsp_startup(MAKEWORD(2, 2), &data, &wanted, upcalls(), &table) == 0;
  }
};
class SpiXpTest : public SpiOldProfileTest {
 protected:
  SpiXpTest() : SpiOldProfileTest(OsProfile::k2003) {}
};
class SpiVistaTest : public SpiOldProfileTest {
 protected:
  SpiVistaTest() : SpiOldProfileTest(OsProfile::kVista) {}
};

TEST_F(SpiXpTest, DoesNotKnowTheCode) {
  REQ("CM-1");
  REQ("SET-1");
  const SOCKET s = make();
  EXPECT_EQ(set_mode(s, WsaBehaviorAll, NTDDI_LONGHORN), WSAEOPNOTSUPP);
  EXPECT_EQ(set_mode(s, WsaBehaviorAll, NTDDI_LONGHORN, 4), WSAEOPNOTSUPP);
  // As an unknown code: overlapped it goes pending and fails then.
  WSAOVERLAPPED overlapped{};
  DWORD mode[2] = {WsaBehaviorAll, NTDDI_LONGHORN};
  DWORD returned = kUntouched;
  EXPECT_EQ(spi_ioctl(s, SIO_SET_COMPATIBILITY_MODE, mode, sizeof mode, nullptr, 0, &returned,
                      &overlapped, nullptr, nullptr, &error),
            SOCKET_ERROR);
  EXPECT_EQ(error, WSA_IO_PENDING);
  EXPECT_EQ(returned, kUntouched);
  DWORD bytes = 0;
  DWORD flags = 0;
  EXPECT_FALSE(spi_get_overlapped_result(s, &overlapped, &bytes, TRUE, &flags, &error));
  EXPECT_EQ(error, WSAEOPNOTSUPP);
}

// The window is fixed; what "smaller" means is judged against it.
TEST_F(SpiXpTest, ReceiveBufferOfAConnectionGrowsFromTheWindowItHas) {
  REQ("CM-3");
  REQ("CM-11");
  SOCKET client, server;
  make_pair(client, server);
  EXPECT_EQ(info(client).window_scale_sent, -1);
  const DWORD window = option(client, SOL_SOCKET, SO_RCVBUF);
  EXPECT_EQ(window, info(client).rcv_buf);
  EXPECT_LT(window, 65'536u);
  EXPECT_EQ(set_rcv_buffer(client, window - 1), WSAEINVAL);
  EXPECT_EQ(set_rcv_buffer(client, window), 0);
}

TEST_F(SpiVistaTest, KnowsTheCode) {
  REQ("SET-1");
  EXPECT_EQ(set_mode(make(), WsaBehaviorAll, NTDDI_LONGHORN), 0);
}

}  // namespace
}  // namespace oriel::winsock
