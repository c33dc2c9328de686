// How much should the application keep outstanding, so that the path never runs dry and no more
// than that? (spec ISB-2, ISB-3; docs/design/ideal_send_backlog.md gives the reasons at length)
//
//   least of  growth    what congestion control may let out within the next round trip
//             window    the peer's window
//             ceiling   rate x (rtt_min + slack): what the path holds, not what its queue can take
//   at least kInitialBytes, at most what the host's memory leaves
//
// Each of the three is a band low..want..high: below low the value rises at once to want, above
// high it falls to want, in between it stays, so that a settled connection is silent. The surprise:
// a fall to the ceiling is a trial. If the rate fell along with the flight, the queue was not ours
// (or the path became longer) and the ceiling is set aside for kHoldRounds: obeying it would starve
// us.
#pragma once

#include <cstdint>

#include "oriel/time.h"
#include "tcp/delivery_rounds.h"

namespace oriel::tcp {

/// The connection at an ACK.
struct IsbInput {
  Instant now;
  std::uint32_t delivered_bytes = 0;  ///< by this ACK, cumulative or selective
  std::uint32_t flight_size = 0;      ///< before this ACK
  std::uint64_t buffered_bytes = 0;   ///< taken and not acknowledged, before this ACK
  bool is_idle = false;               ///< after it nothing is left to send or to acknowledge
  std::uint32_t cwnd = 0;
  std::uint32_t snd_wnd = 0;  ///< the peer's window, bytes
  bool is_in_slow_start = false;
  Duration srtt{0};                               ///< 0: unknown
  Duration rtt_min{0};                            ///< 0: unknown
  std::uint64_t memory_share_bytes = UINT64_MAX;  ///< what the host leaves to this connection
  std::uint64_t bytes_max = UINT64_MAX;           ///< more is of no use on this link
};

class IdealSendBacklog {
 public:
  static constexpr std::uint32_t kInitialBytes = 65536;  ///< spec ISB-2
  static constexpr std::uint32_t kBytesMax = 16u << 20;  ///< 16,777,216: Windows' documented end
  static constexpr std::uint32_t kGrainBytes = 16384;    ///< values are multiples of it (ours)
  /// The ceiling leaves at least this much time beyond rtt_min: a program is not always on the CPU,
  /// and devices work in bursts (ours: some of a scheduler's slices).
  static constexpr Duration kSlackMin = std::chrono::milliseconds(5);
  static constexpr int kFallRounds = 3;   ///< so many in a row must want a fall (not the ceiling's)
  static constexpr int kTrialRounds = 5;  ///< two to drain what is out, three to measure
  static constexpr int kHoldRounds = 64;  ///< then the ceiling is tried again
  /// After so long without anything to send, rates are history (as long as BBR trusts a minimum).
  static constexpr Duration kForgetAfter = std::chrono::seconds(10);
  /// An idle connection that memory holds down looks this often whether there is more.
  static constexpr Duration kLookAgain = std::chrono::milliseconds(250);

  IdealSendBacklog() = default;
  /// Under a host whose memory is tight already.
  explicit IdealSendBacklog(std::uint64_t memory_share_bytes);

  /// Takes the connection's state at an ACK. True: backlog_bytes() changed.
  bool on_ack(const IsbInput& in);
  /// Requires: now >= deadline(). True: backlog_bytes() changed.
  bool on_timeout(Instant now, bool is_idle, std::uint64_t memory_share_bytes);
  Instant deadline() const { return deadline_; }
  void disarm() { deadline_ = Instant::never(); }

  /// What the application should keep outstanding: 0 to 16,777,216 bytes.
  std::uint32_t backlog_bytes() const { return backlog_bytes_; }
  /// What dynamic send buffering should accept: as above, without the 16 MiB end.
  std::uint64_t snd_buffer_target_bytes() const;

 private:
  struct Band {
    std::uint64_t low = UINT64_MAX;
    std::uint64_t want = UINT64_MAX;
    std::uint64_t high = UINT64_MAX;
    void clip(const Band& other);
  };
  struct Trial {
    std::uint64_t from_bytes = 0;
    std::uint64_t rate = 0;
    std::uint32_t flight = 0;
    int rounds_left = 0;  // 0: no trial
  };
  Band growth_band(const IsbInput& in) const;
  Band ceiling_band(const IsbInput& in) const;
  void fall_if_due(const IsbInput& in, const Band& wide, const Band& band);
  void watch_trial();
  void take_memory(std::uint64_t share_bytes);
  bool settle(Instant now, bool is_idle);

  DeliveryRounds rounds_;
  Trial trial_;
  Band ceiling_;  // as of the last round
  std::uint64_t target_bytes_ = kInitialBytes;
  std::uint64_t memory_bytes_ = UINT64_MAX;  // nine tenths of the share
  Instant deadline_ = Instant::never();
  Instant idle_since_ = Instant::never();
  std::uint32_t backlog_bytes_ = kInitialBytes;
  std::uint8_t rounds_high_ = 0;
  std::uint8_t hold_rounds_ = 0;  // the ceiling is set aside
};

}  // namespace oriel::tcp
