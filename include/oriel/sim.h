// Virtual time: a world of hosts, paths and middleboxes that one seed decides, and the path model
// itself.
//
// `PathModel` is one direction, pure (packets and times in, packets and times out); `DuplexPath` is
// both with the boxes that stand in them, and what the simulated link and the real-time path
// emulator
// (`oriel wire`) both run. `World` owns virtual time: every host in it is manual, and `run_until`
// steps whoever has the earliest deadline. Same seed, same program: same packets, on every machine.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "oriel/export.h"
#include "oriel/host.h"

namespace oriel::sim {

/// One direction of a path. Probabilities are 0..1 for each packet (of wire size: a super-segment
/// is cut first).
struct PathOptions {
  Duration delay{0};   ///< one way
  Duration jitter{0};  ///< uniform 0..jitter more; keeps order unless reorder says so
  std::uint64_t rate_bits_per_second = 0;  ///< 0: unlimited
  std::uint64_t queue_bytes = 1u << 20;    ///< drop-tail, with the packet in service; 0: unlimited
  double loss = 0;                         ///< independent
  double burst_loss = 0;  ///< probability that a burst of losses starts (Gilbert-Elliott)
  double burst_length_packets =
      8;               ///< mean length of such a burst; 5 s without a packet end it too
  double reorder = 0;  ///< share of packets delayed by reorder_delay more
  Duration reorder_delay = std::chrono::milliseconds(1);
  double duplicate = 0;
  double corrupt = 0;   ///< one bit flipped
  std::size_t mtu = 0;  ///< larger IP packets: ICMP too big / fragmentation needed; 0: none
  bool is_up = true;
};

/// What one direction of a path has done since it was made.
struct PathStatistics {
  std::uint64_t packets_in = 0, bytes_in = 0;
  std::uint64_t packets_out = 0, bytes_out = 0;
  std::uint64_t lost = 0, queue_dropped = 0, reordered = 0, duplicated = 0, corrupted = 0;
  std::uint64_t too_big = 0, down_dropped = 0;
  std::uint64_t box_dropped = 0;  ///< by middleboxes, on their way in this direction
  std::uint64_t queue_bytes_max = 0;
};

/// Something in the middle that sees whole IP packets in both directions and may change, drop or
/// answer them. Bytes are the packet from its IP header; checksums must be right again when it
/// returns.
class ORIEL_API Middlebox {
 public:
  enum class Direction : std::uint8_t { kAToB, kBToA };
  virtual ~Middlebox() = default;
  virtual std::string name() const = 0;
  /// False drops the packet. `reply` may be filled with packets to send back where it came from.
  virtual bool on_packet(Instant now, Direction direction, std::vector<std::uint8_t>& packet,
                         std::vector<std::vector<std::uint8_t>>& reply) = 0;
};

/// One direction, pure. Bound: memory is what is in flight plus queue_bytes.
class ORIEL_API PathModel {
 public:
  PathModel(const PathOptions& options, std::uint64_t seed);
  ~PathModel();
  PathModel(PathModel&&) noexcept;
  PathModel& operator=(PathModel&&) noexcept;

  void set_options(const PathOptions& options);  ///< takes effect for packets that come later
  const PathOptions& options() const;
  /// Lets super-segments pass whole (charged to the rate as their pieces would be) while nothing
  /// acts on single packets: no loss, reordering, duplication, corruption or jitter. Default:
  /// always cut.
  void set_keeps_super_segments(bool keeps);
  /// A packet enters (IP framing; super-segments are cut to wire size first). Returns false when it
  /// was too big: `icmp_reply`, when given, is the answer for the sender, empty if none may be
  /// sent.
  bool enqueue(Instant now, ByteView packet, const Offload& offload,
               std::vector<std::uint8_t>* icmp_reply);
  /// When the next packet comes out; never if none is in flight.
  Instant next_deadline() const;
  /// The next packet that is due at `now`; empty view if none. Good until the next call. `offload`
  /// says what the packet still needs; without it the checksum comes complete.
  /// Requires: `offload` where super-segments are kept.
  ByteView dequeue(Instant now, Offload* offload = nullptr);
  const PathStatistics& statistics() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A packet that came out of a path. `bytes` are good until the next call on the path.
struct Delivery {
  ByteView bytes;
  Offload offload;
  bool is_corrupted = false;  ///< the path flipped a bit
};

/// Both directions of a path and the boxes between them. Boxes are asked in order from a to b; they
/// stand at the `a` end: before the path for packets from a, after it for packets from b. They see
/// ordinary packets with complete checksums (super-segments are cut for them), and none that the
/// path corrupted: those end there. Bound: as PathModel, each way.
class ORIEL_API DuplexPath {
 public:
  using Direction = Middlebox::Direction;
  DuplexPath(const PathOptions& a_to_b, const PathOptions& b_to_a, std::uint64_t seed_a_to_b,
             std::uint64_t seed_b_to_a, std::vector<std::shared_ptr<Middlebox>> boxes = {});
  ~DuplexPath();
  DuplexPath(DuplexPath&&) noexcept;
  DuplexPath& operator=(DuplexPath&&) noexcept;

  void set_options(Direction direction, const PathOptions& options);
  const PathOptions& options(Direction direction) const;
  /// As of PathModel; no effect where boxes stand.
  void set_keeps_super_segments(Direction direction, bool keeps);
  /// Finishes partial checksums of what comes out, for who cannot. Default: leaves them.
  void set_completes_checksums(Direction direction, bool completes);
  /// A packet (IP framing; the pieces together, headers in the first) starts in `direction`. What
  /// is too big for the path is answered on the way back, as if its narrow link were at the far
  /// end.
  void enqueue(Instant now, Direction direction, std::span<const ByteView> pieces,
               const Offload& offload);
  /// When something comes out that went in `direction`; never if nothing is in flight.
  Instant next_deadline(Direction direction) const;
  /// The next packet of that direction that is due at `now`. False: none.
  bool dequeue(Instant now, Direction direction, Delivery* out);
  const PathStatistics& statistics(Direction direction) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Hosts, the paths between them, and the virtual time they share.
class ORIEL_API World {
 public:
  explicit World(std::uint64_t seed);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  std::uint64_t seed() const;
  Instant now() const;

  /// A manual host of this world; the reference lives as long as the world.
  Host& add_host(const std::string& name, const HostSettings& settings = {});

  struct LinkEnd {
    Host* host;
    LinkOptions options;
  };
  struct Link;  ///< opaque
  /// A path between two hosts: `a_to_b` and `b_to_a` models; middleboxes in order from a to b (they
  /// stand at the `a` end: after the path for packets from b). Requires: both hosts are of this
  /// world.
  Link& connect(LinkEnd a, LinkEnd b, const PathOptions& a_to_b, const PathOptions& b_to_a,
                std::vector<std::shared_ptr<Middlebox>> middleboxes = {});
  void set_path(Link& link, const PathOptions& a_to_b, const PathOptions& b_to_a);
  const PathStatistics& statistics(const Link& link, Middlebox::Direction direction) const;
  /// Writes every packet at the `a` end of the link to a pcap file.
  Result<void> capture(Link& link, const std::string& pcap_path);

  /// Runs `action` at `when` (virtual time).
  void at(Instant when, std::function<void()> action);
  /// Steps virtual time up to `end`, or until `is_done` (asked after every step) says so.
  void run_until(Instant end, const std::function<bool()>& is_done = {});
  /// What the invariant checkers found: empty when all held. Each entry is one sentence with the
  /// seed.
  const std::vector<std::string>& violations() const;
  /// A number made of every packet at both ends of every link (time, headers, sizes): equal for
  /// equal runs.
  std::uint64_t digest() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace oriel::sim
