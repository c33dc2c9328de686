// What a packet device is to Oriel: bursts of whole packets in and out.
//
// TUN, TAP, the packet socket between two processes, the simulator's links and a program's own
// device all implement `Device`. A host calls a device from one thread at a time. Nothing is copied
// twice: `transmit` reads the pieces where they lie and is done with them when it returns;
// `receive` lets the device write straight into buffers that the host will keep.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "oriel/address.h"
#include "oriel/error.h"
#include "oriel/export.h"
#include "oriel/time.h"

namespace oriel {

using ByteView = std::span<const std::uint8_t>;
using ByteSpan = std::span<std::uint8_t>;

/// What a packet still needs, or has already had done to it. Offsets count from the first byte of
/// the packet as the device sees it (link header included for Ethernet devices).
struct Offload {
  enum class Checksum : std::uint8_t {
    kComplete,  ///< out: the checksum field is filled. in: nothing is known, verify it
    kPartial,  ///< the field holds the pseudo-header sum; the rest is to be added (by the device on
               ///< the way out; on the way in the bytes never left this machine and need no check)
    kVerified,  ///< in only: somebody below has checked it
  };
  Checksum checksum = Checksum::kComplete;
  std::uint16_t checksum_start = 0;   ///< where summing starts (the transport header)
  std::uint16_t checksum_offset = 0;  ///< where the field lies, counted from checksum_start
  /// 0: one ordinary packet. Else a super-segment: TCP payload to be cut (out) or that was merged
  /// (in) in units of this many bytes.
  std::uint16_t gso_size = 0;
  std::uint16_t header_bytes = 0;  ///< link + IP + TCP header length; set when gso_size != 0
  bool is_ipv6 = false;            ///< family of a super-segment
};

/// One packet leaving the host. The pieces together are the packet; the first holds all headers.
struct PacketOut {
  std::span<const ByteView> pieces;
  Offload offload;
  std::size_t size() const {
    std::size_t n = 0;
    for (ByteView p : pieces) n += p.size();
    return n;
  }
};

/// The host's side of a receive: hands out buffers and takes filled ones.
class ORIEL_API RxBurst {
 public:
  virtual ~RxBurst() = default;
  /// A buffer of at least the device's `rx_buffer_bytes`; empty when the burst is full. Asking
  /// again before `commit` gives the same buffer.
  virtual ByteSpan buffer() = 0;
  /// The first `bytes` of the last buffer are a packet.
  virtual void commit(std::size_t bytes, const Offload& offload) = 0;
};

/// What a device is and can do; fixed for its life but for `mtu`.
struct DeviceInfo {
  enum class Framing : std::uint8_t { kIp, kEthernet };
  std::string name;  ///< "tun:oriel0"
  Framing framing = Framing::kIp;
  std::size_t mtu = 1500;                  ///< largest IP packet, bytes
  MacAddress mac;                          ///< Ethernet framing only
  bool has_tx_checksum = false;            ///< takes Checksum::kPartial
  std::size_t tso_bytes_max = 0;           ///< largest super-segment packet taken; 0: none
  std::size_t rx_buffer_bytes = 2048;      ///< what one packet in may need
  std::uint64_t link_bits_per_second = 0;  ///< 0: unknown
};

/// What a device has done since it was opened.
struct DeviceCounters {
  std::uint64_t packets_in = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t packets_out = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t dropped_in =
      0;  ///< arrived, but too long or with an offload header that makes no sense
  std::uint64_t dropped_out =
      0;  ///< taken from the host, but refused for good (no peer, interface down)
};

/// A packet device. Thread: one caller at a time; `poll_fd` is fixed for the device's life.
class ORIEL_API Device {
 public:
  virtual ~Device() = default;
  virtual const DeviceInfo& info() const = 0;
  /// Takes packets in order. Returns how many were taken; fewer than given means "full, ask again
  /// when writable". A packet that the device refuses for good counts as taken (and is counted as
  /// dropped).
  virtual std::size_t transmit(std::span<const PacketOut> burst) = 0;
  /// Fills buffers until the burst is full or nothing is waiting. Returns kOk, or kDeviceLost once
  /// the device is gone for good.
  virtual ErrorCode receive(RxBurst& burst) = 0;
  /// A descriptor that polls readable when packets wait, or -1 for a device that only its owner
  /// steps. After a `transmit` that took fewer than given, wait for readable or writable and at
  /// either call both `receive` and `transmit` again: some devices report room as readable.
  virtual int poll_fd() const { return -1; }
  virtual DeviceCounters counters() const { return {}; }
  /// For devices that tell time: when `receive` may next have something, whatever the descriptor
  /// says. On the host's clock: simulated devices for manual hosts, `user` for hosts on real time.
  virtual Instant next_deadline() const { return Instant::never(); }
  /// It acknowledged bytes that it has not passed on yet: a host that ends waits for them a while.
  virtual bool has_undelivered() const { return false; }
};

/// Opens a TUN device that exists or is created: whole IP packets, virtio-net header with checksum
/// and segmentation offload when `is_offloaded`. Errors: kPermissionDenied, kNotFound (no such
/// device and not `may_create`), kInvalidArgument (bad name), kInProgress (another program is
/// attached).
struct TunOptions {
  std::string name;          ///< interface name, at most 15 characters; empty: the kernel picks
  bool is_tap = false;       ///< Ethernet frames instead of IP packets
  bool is_offloaded = true;  ///< virtio-net header; false gives plain packets
  std::size_t mtu = 0;       ///< 0: what the interface has now
  bool may_create = true;    ///< false: kNotFound where there is no such device yet
};
ORIEL_API Result<std::unique_ptr<Device>> open_tun(const TunOptions& options);

/// Whole IP packets over a SOCK_SEQPACKET Unix socket at `path`: between two processes, no rights
/// needed. `is_listener` creates the path and waits for the peer in `receive` (packets sent before
/// it came are dropped and counted, as on a cable without a far end); else connects.
struct UnixLinkOptions {
  std::string path;
  bool is_listener = false;
  std::size_t mtu = 1500;
};
ORIEL_API Result<std::unique_ptr<Device>> open_unix_link(const UnixLinkOptions& options);

/// One port of the machine that leads to a port of the stack.
struct ORIEL_API PublishedPort {
  bool is_udp = false;
  std::optional<IpAddress> host_address;  ///< none: all of the machine's, IPv4 and IPv6
  std::uint16_t host_port = 0;
  std::uint16_t port = 0;

  /// "8080:80", "udp/5353:53", "127.0.0.1:8080:80", "[::1]:8080:80".
  static Result<PublishedPort> parse(std::string_view text);
  std::string to_string() const;
};

/// The addresses that a host has on a `user` link, and what it finds there.
struct UserNetPlan {
  Prefix address_v4;     ///< 10.0.2.15/24
  Prefix address_v6;     ///< fec0::15/64
  IpAddress gateway_v4;  ///< 10.0.2.2: also the machine itself, its 127.0.0.1
  IpAddress gateway_v6;  ///< fec0::2: also its ::1
  IpAddress dns_v4;      ///< 10.0.2.3: passes questions to the machine's name server
  IpAddress dns_v6;      ///< fec0::3
};
ORIEL_API UserNetPlan user_net_plan();

/// A network inside the process (libslirp), no rights needed: connections and datagrams go wherever
/// the machine's own sockets may go, published ports lead in. Its peers see the machine's address,
/// and a reset where the stack sent one or the process was killed. Frames are Ethernet. Not for
/// measuring: the far end of every connection is libslirp's TCP, which has no window scaling.
/// Requires: a host on real time. libslirp has global variables: one such device a process.
/// Errors: kAddressInUse, kPermissionDenied (a port), each with a sentence.
struct UserNetOptions {
  std::vector<PublishedPort> publish;
  std::optional<IpAddress> address_v4;  ///< where published ports lead; none: the plan's
  std::optional<IpAddress> address_v6;
  std::size_t mtu = 1500;  ///< 1280 to 65521
};
ORIEL_API Result<std::unique_ptr<Device>> open_user_net(const UserNetOptions& options = {});

/// "user", "tun:NAME", "tap:NAME", "unix:PATH". The link exists: `unix:` connects. With
/// `is_listener` this end makes it: listens on the path, creates the device where there is none.
/// Errors: kInvalidArgument with a sentence that lists the forms, or what opening gave.
ORIEL_API Result<std::unique_ptr<Device>> open_link(std::string_view spec,
                                                    bool is_listener = false);

/// A device wrapped in a capture: every packet either way is written to a pcap file (LINKTYPE_RAW
/// or LINKTYPE_ETHERNET), with super-segments written whole and checksums filled in. `now` gives
/// the time stamps, nanoseconds since 1970 for real captures. Errors: as opening a file for writing
/// gives, with one sentence. A write that fails later ends the capture, not the device.
ORIEL_API Result<std::unique_ptr<Device>> capture(std::unique_ptr<Device> inner,
                                                  const std::string& pcap_path,
                                                  std::function<Instant()> now);

}  // namespace oriel
