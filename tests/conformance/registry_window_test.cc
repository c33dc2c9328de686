// The receive window of the profiles before Vista: by the link's speed, by the registry's values,
// and scaled only where both SYNs say so (spec CM-11).
#include "window_case.h"

namespace oriel::tcp {
namespace {

constexpr std::uint64_t kTenMegabit = 10'000'000;
constexpr std::uint64_t kHundredMegabit = 100'000'000;

HostSettings registry(std::uint8_t rfc1323_options, std::optional<std::uint32_t> window = {}) {
  HostSettings s;
  s.profile = OsProfile::kXp;
  s.rfc1323_options = rfc1323_options;
  s.tcp_window_bytes = window;
  return s;
}

// The SYN and the first segment say the same: nothing is scaled, nothing is tuned.
TEST(RegistryWindow, DefaultFollowsTheSpeedOfTheLink) {
  REQ("CM-11");
  struct Row {
    std::uint64_t bits_per_second;
    std::uint16_t field;
  };
  for (const OsProfile profile : {OsProfile::k2000, OsProfile::kXp, OsProfile::k2003}) {
    for (const Row& row :
         {Row{kTenMegabit, 17'520}, Row{kHundredMegabit, 64'240}, Row{0, 64'240}}) {
      HostSettings s = registry(0);
      s.profile = profile;
      WindowCase w(s, {}, {row.bits_per_second, {}});
      w.connect();
      EXPECT_EQ(w.syn.options.window_scale, -1);
      EXPECT_FALSE(w.syn.options.has_timestamps);
      EXPECT_EQ(w.syn.window, row.field);
      EXPECT_EQ(w.first.window, row.field);
      w.fill_and_read(4);
      EXPECT_EQ(w.window(), row.field) << "it is not tuned";
    }
  }
}

TEST(RegistryWindow, IsAnEvenMultipleOfTheMssAgreedOn) {
  REQ("CM-11");
  struct Row {
    std::uint16_t mss;
    std::uint16_t field;
  };
  for (const Row& row : {Row{1460, 64'240}, Row{1400, 64'400}, Row{536, 65'392}}) {
    for (const bool is_active : {true, false}) {
      WindowCase w(registry(0), {}, {kHundredMegabit, {}});
      WindowCase::Peer peer;
      peer.mss = row.mss;
      is_active ? w.connect(peer) : w.accept(peer);
      w.fill_and_read(2);
      EXPECT_EQ(w.window(), row.field);
      EXPECT_EQ(w.window() % (2u * row.mss), 0u);
    }
  }
}

// Every Tcp1323Opts with every kind of TCPWindowSize, against every kind of peer.
TEST(RegistryWindow, EveryCombination) {
  REQ("CM-11");
  struct Size {
    std::optional<std::uint32_t> bytes;
    std::int8_t scale;       // where WSopt is on
    std::uint32_t scaled;    // the true window where both scale
    std::uint16_t unscaled;  // and where not: an even multiple of 1,460
  };
  const Size sizes[] = {{{}, 0, 65'535, 64'240},
                        {16'384, 0, 65'535, 17'520},
                        {65'535, 0, 65'535, 64'240},
                        {131'070, 1, 131'070, 64'240},
                        {200'000, 2, 262'140, 64'240},
                        {1'048'560, 4, 1'048'560, 64'240},
                        {1'073'741'823, 4, 1'048'560, 64'240}};
  for (const Size& size : sizes) {
    for (std::uint8_t bits = 0; bits < 4; ++bits) {
      for (int peer_bits = 0; peer_bits < 4; ++peer_bits) {
        SCOPED_TRACE(testing::Message() << "size " << size.bytes.value_or(0) << " Tcp1323Opts "
                                        << int{bits} << " peer " << peer_bits);
        const bool is_offered = (bits & 1) != 0;
        const bool is_scaled = is_offered && (peer_bits & 1) != 0;
        const bool is_timed = (bits & 2) != 0 && (peer_bits & 2) != 0;
        WindowCase w(registry(bits, size.bytes), {}, {kHundredMegabit, {}});
        WindowCase::Peer peer;
        peer.window_scale = (peer_bits & 1) != 0 ? std::int8_t{7} : std::int8_t{-1};
        peer.has_timestamps = (peer_bits & 2) != 0;
        w.connect(peer);
        EXPECT_EQ(w.syn.options.window_scale, is_offered ? size.scale : -1);
        EXPECT_EQ(w.syn.options.has_timestamps, (bits & 2) != 0);
        EXPECT_EQ(w.first.options.has_timestamps, is_timed);
        EXPECT_EQ(w.syn.window, size.unscaled);
        EXPECT_EQ(w.first.window, is_scaled ? 65'535 : size.unscaled);
        EXPECT_EQ(w.window(), is_scaled ? size.scaled : size.unscaled);
        w.fill_and_read(2);
        EXPECT_EQ(w.window(), is_scaled ? size.scaled : size.unscaled);
      }
    }
  }
}

TEST(RegistryWindow, SocketsOwnSizeIsUsedAsItIs) {
  REQ("CM-9");
  REQ("CM-11");
  WindowCase unscaled(registry(0), socket_mode(ReceiveMode::kHost, 200'000));
  unscaled.connect();
  EXPECT_EQ(unscaled.syn.options.window_scale, -1);
  EXPECT_EQ(unscaled.window(), 65'535u);
  WindowCase scaled(registry(1), socket_mode(ReceiveMode::kHost, 200'000));
  scaled.connect();
  EXPECT_EQ(scaled.syn.options.window_scale, 2);
  EXPECT_EQ(scaled.window(), 200'000u);
  WindowCase small(registry(1), socket_mode(ReceiveMode::kHost, 10'000));
  small.connect();
  EXPECT_EQ(small.window(), 10'000u);
}

}  // namespace
}  // namespace oriel::tcp
