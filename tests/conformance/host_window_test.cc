// Settings of a host, options of its links and of its sockets, seen in the segments that leave it
// (spec CM-3, CM-7, CM-9 to CM-11, SET-1).
#include "host_bench.h"

namespace oriel::stack {
namespace {

using std::chrono::seconds;

struct Opening {
  wire::TcpOptions syn, syn_ack;
  std::uint16_t syn_field = 0, syn_ack_field = 0;
  std::uint16_t first_field = 0;  // of the connecting side
};

Opening open(ManualPair& net, const TcpOptionsForSocket& client = {},
             const ListenOptions& server = {}) {
  Log log(net);
  Connected c = connect(net, "10.0.0.2:80", client, server);
  const auto ours = log.from(true);
  const auto theirs = log.from(false);
  Opening o;
  if (ours.size() < 2 || theirs.empty()) {
    ADD_FAILURE() << "no handshake was seen";
    return o;
  }
  o.syn = ours[0].tcp.options;
  o.syn_field = ours[0].tcp.header.window;
  o.syn_ack = theirs[0].tcp.options;
  o.syn_ack_field = theirs[0].tcp.header.window;
  o.first_field = ours[1].tcp.header.window;
  net.drop = {};
  return o;
}

TEST(HostWindow, LevelOfTheHostIsSeenInBothSyns) {
  REQ("CM-10");
  struct Row {
    AutotuningLevel level;
    std::int8_t scale;
    std::uint16_t first_field;
  };
  for (const Row& row :
       {Row{AutotuningLevel::kDisabled, -1, 65'535},
        Row{AutotuningLevel::kHighlyRestricted, 2, 16'384},
        Row{AutotuningLevel::kRestricted, 4, 4'096}, Row{AutotuningLevel::kNormal, 8, 256},
        Row{AutotuningLevel::kExperimental, 14, 4}}) {
    PairOptions options;
    options.settings.autotuning_level = row.level;
    ManualPair net(options);
    const Opening o = open(net);
    EXPECT_EQ(o.syn.window_scale, row.scale);
    EXPECT_EQ(o.syn_ack.window_scale, row.scale);
    EXPECT_EQ(o.syn_field, 65'535);
    EXPECT_EQ(o.syn_ack_field, 65'535);
    EXPECT_EQ(o.first_field, row.first_field);
  }
}

TEST(HostWindow, ModesOfSocketsAreTheirOwnAndAcceptedOnesInherit) {
  REQ("CM-7");
  struct Row {
    ReceiveMode client, server;
    std::int8_t syn, syn_ack;
    std::uint16_t first_field;
  };
  for (const Row& row : {Row{ReceiveMode::kHost, ReceiveMode::kShiftTwo, 8, 2, 256},
                         Row{ReceiveMode::kShiftTwo, ReceiveMode::kHost, 2, 8, 16'384},
                         Row{ReceiveMode::kNoScaling, ReceiveMode::kHost, -1, -1, 65'535},
                         Row{ReceiveMode::kHost, ReceiveMode::kNoScaling, 8, -1, 65'535}}) {
    ManualPair net;
    TcpOptionsForSocket client;
    client.compatibility.receive_mode = row.client;
    ListenOptions server;
    server.tcp.compatibility.receive_mode = row.server;
    const Opening o = open(net, client, server);
    EXPECT_EQ(o.syn.window_scale, row.syn);
    EXPECT_EQ(o.syn_ack.window_scale, row.syn_ack);
    EXPECT_EQ(o.first_field, row.first_field);
  }
}

HostSettings registry(std::uint8_t bits = 0, std::optional<std::uint32_t> window = {}) {
  HostSettings s;
  s.profile = OsProfile::kXp;
  s.rfc1323_options = bits;
  s.tcp_window_bytes = window;
  return s;
}

TEST(HostWindow, SpeedOfTheLinkDecidesBeforeVista) {
  REQ("CM-11");
  struct Row {
    std::uint64_t bits_per_second;
    std::uint16_t field;
  };
  for (const Row& row : {Row{10'000'000, 17'520}, Row{100'000'000, 64'240}, Row{0, 64'240}}) {
    PairOptions options;
    options.settings = registry();
    options.device.link_bits_per_second = row.bits_per_second;
    ManualPair net(options);
    const Opening o = open(net);
    EXPECT_EQ(o.syn.window_scale, -1);
    EXPECT_FALSE(o.syn.has_timestamps);
    EXPECT_EQ(o.syn_field, row.field);
    EXPECT_EQ(o.first_field, row.field);
  }
}

TEST(HostWindow, SpeedSaidOfTheLinkComesBeforeTheDevices) {
  REQ("CM-11");
  HostOptions options;
  options.is_manual = true;
  options.settings = registry();
  Host host = Host::create(options).value();
  DeviceInfo device;
  device.name = "cable";
  device.link_bits_per_second = 1'000'000'000;
  LinkOptions link;
  link.addresses = {Prefix::parse("10.0.0.1/24").value()};
  link.bits_per_second = 10'000'000;
  const LinkId id = host.add_packet_link(device, link).value();
  TcpSocket socket = host.open_tcp().value();
  socket.async_connect(at("10.0.0.2:80"), [](IoResult) {});
  host.advance(Instant{});
  const auto packet = host.take(id);
  ASSERT_TRUE(packet.has_value());
  EXPECT_EQ(tcp_of(packet->bytes)->header.window, 17'520);
}

// The interface's own value wins, whether it is named by link, by the link's short name or by
// address.
TEST(HostWindow, RegistryOfAnInterface) {
  REQ("CM-11");
  for (const char* name : {"cable", "10.0.0.1", "fd00::1"}) {
    PairOptions options;
    options.settings = registry(0, 30'000);
    options.settings.interfaces = {{"elsewhere", 5'000}, {name, 10'000}};
    ManualPair net(options);
    const Opening o = open(net);
    EXPECT_EQ(o.syn_field, 8 * 1'460) << name;
  }
}

TEST(HostWindow, RegistryScalesWhereBothSynsSaySo) {
  REQ("CM-11");
  PairOptions options;
  options.settings = registry(3, 200'000);
  ManualPair net(options);
  const Opening o = open(net);
  EXPECT_EQ(o.syn.window_scale, 2);
  EXPECT_TRUE(o.syn.has_timestamps);
  EXPECT_EQ(o.syn_ack.window_scale, 2);
  EXPECT_EQ(o.first_field, 65'535);
}

TEST(HostWindow, VistaDoesNotLookAtTheRegistry) {
  REQ("CM-11");
  PairOptions options;
  options.settings = registry(3, 20'000);
  options.settings.profile = OsProfile::kVista;
  options.settings.interfaces = {{"cable", 10'000}};
  ManualPair net(options);
  const Opening o = open(net);
  EXPECT_EQ(o.syn.window_scale, 8);
  EXPECT_FALSE(o.syn.has_timestamps);
  EXPECT_EQ(o.first_field, 256);
}

// Older profiles wait 3 s for the first answer and ask twice more; newer ones 1 s and four times.
TEST(HostWindow, ProfilesRepeatTheirSynsAsTheirTimeDid) {
  REQ("SET-1");
  struct Row {
    OsProfile profile;
    std::vector<std::int64_t> seconds;
  };
  for (const Row& row :
       {Row{OsProfile::kXp, {0, 3, 9}}, Row{OsProfile::k8, {0, 3, 9}},
        Row{OsProfile::k10, {0, 1, 3, 7, 15}}, Row{OsProfile::k11, {0, 1, 3, 7, 15}}}) {
    PairOptions options;
    options.settings.profile = row.profile;
    ManualPair net(options);
    std::vector<std::int64_t> seen;
    net.drop = [&](bool is_from_a, ByteView, const Offload&) {
      if (is_from_a) seen.push_back(net.now().ns / 1'000'000'000);
      return true;
    };
    TcpSocket socket = net.a.open_tcp().value();
    ErrorCode outcome = ErrorCode::kInProgress;
    socket.async_connect(at("10.0.0.2:80"), [&](IoResult r) { outcome = r.error; });
    net.run(seconds(60));
    EXPECT_EQ(seen, row.seconds);
    EXPECT_EQ(outcome, ErrorCode::kTimedOut);
  }
}

TEST(HostWindow, ReceiveBufferOfAConnectionOnlyGrows) {
  REQ("CM-3");
  ManualPair net;
  Connected c = connect(net);
  TcpOptionsForSocket wanted;
  wanted.receive_buffer_bytes = 30'000;
  EXPECT_EQ(c.client.set_options(wanted).error().code, ErrorCode::kInvalidArgument);
  EXPECT_FALSE(c.client.info().is_rcv_buf_fixed);
  wanted.receive_buffer_bytes = 100'000;
  EXPECT_TRUE(c.client.set_options(wanted).has_value());
  EXPECT_EQ(c.client.info().rcv_buf, 100'000u);
  wanted.receive_buffer_bytes = 99'999;
  EXPECT_FALSE(c.client.set_options(wanted).has_value());
  wanted.compatibility.may_shrink_receive_buffer = true;
  EXPECT_TRUE(c.client.set_options(wanted).has_value());
  EXPECT_EQ(c.client.info().rcv_buf, 99'999u);
}

}  // namespace
}  // namespace oriel::stack
