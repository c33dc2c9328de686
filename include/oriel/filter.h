// Rules that permit, block, inspect and change what passes through a host: connections, accepts,
// packets, and the bytes of connections.
//
//   sublayers, heaviest first:  [ rules, heaviest first: the first that decides ] [ ... ] [ ... ]
//                                 block: blocked, and that is the end
//                                 permit: go on, a later sublayer may still block
//                                         (`is_final`: permitted, and that is the end)
//                                 nothing matched, or callouts only looked: go on
//   nobody blocked: permitted
//
// Rules are values; Host::change_filters adds and removes them, all or nothing. Callouts and
// inspectors are the program's code and run inside protocol work, with the host held: they may
// look and answer, and nothing else. They never wait, never call the host or its sockets, do
// bounded work, and give the same answer to the same input.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "oriel/address.h"
#include "oriel/error.h"
#include "oriel/export.h"
#include "oriel/link.h"

namespace oriel {

/// Where a rule is asked.
enum class FilterLayer : std::uint8_t {
  kConnect,  ///< before a TCP connection's SYN, and for datagrams of flows that this host began
  kAccept,   ///< before a listener's SYN-ACK, and for datagrams of flows that the peer began
  kInboundTransport,   ///< each TCP, UDP or ICMP packet for this host, checksums verified or not
  kOutboundTransport,  ///< each TCP, UDP or ICMP packet of this host, before fragmentation
  kStream,  ///< bytes of TCP connections; asked once when the connection begins, then inspectors
};
inline constexpr std::size_t kFilterLayers = 5;
/// "connect", "accept", "inbound-transport", "outbound-transport", "stream".
ORIEL_API std::string_view to_string(FilterLayer layer);

enum class FilterDirection : std::uint8_t { kOutbound, kInbound };

enum class FilterFamily : std::uint8_t { kAny, kIpv4, kIpv6 };

/// Protocol numbers that have a meaning here (IANA).
namespace filter_protocol {
inline constexpr std::uint8_t kIcmp = 1;
inline constexpr std::uint8_t kTcp = 6;
inline constexpr std::uint8_t kUdp = 17;
inline constexpr std::uint8_t kIcmpv6 = 58;
}  // namespace filter_protocol

/// What is being decided: one connection attempt, one packet, one datagram. Ports are 0 where the
/// protocol has none.
struct FilterEvent {
  FilterLayer layer = FilterLayer::kConnect;
  FilterDirection direction = FilterDirection::kOutbound;
  std::uint8_t protocol = filter_protocol::kTcp;
  bool is_loopback = false;  ///< to or from an address of this host itself
  Endpoint local;
  Endpoint remote;
  /// Transport layers: the packet from the transport header on, in one piece or several. The
  /// pieces are good during the call.
  std::span<const ByteView> packet;
};

enum class CalloutVerdict : std::uint8_t { kContinue, kPermit, kBlock };

/// A program's own decision at the connect, accept and transport layers. Thread: whichever holds
/// the host; never two at once for one host.
class ORIEL_API FilterCallout {
 public:
  virtual ~FilterCallout() = default;
  virtual CalloutVerdict classify(const FilterEvent& event) = 0;
};

/// Some bytes of a connection on their way, in order, each byte once.
struct StreamChunk {
  FilterDirection direction = FilterDirection::kOutbound;
  ByteView bytes;
  bool is_urgent = false;  ///< one byte, sent as urgent data (RFC 9293 3.8.5)
  bool is_end = false;     ///< nothing follows in this direction; `bytes` may be empty
};

/// What becomes of a chunk.
enum class StreamVerdict : std::uint8_t {
  kPass,     ///< the bytes go on as they are
  kReplace,  ///< what was put into `replacement` goes on instead: more, fewer or none
  kReset,    ///< the connection ends with RST in both directions
};

/// Replacements of one chunk may not be larger; a larger one resets the connection.
inline constexpr std::size_t kStreamReplacementBytesMax = 1u << 20;
/// Chunks of a connection are never larger; behind another inspector they are what that one gave.
inline constexpr std::size_t kStreamChunkBytesMax = 64u << 10;

/// Watches one connection from its first byte to its last. Bytes that it wants to see together it
/// keeps itself, answering kReplace with nothing until they are there; at `is_end` it gives back
/// what it kept. Thread: as FilterCallout.
class ORIEL_API StreamInspector {
 public:
  virtual ~StreamInspector() = default;
  /// `replacement` is empty when called.
  virtual StreamVerdict inspect(const StreamChunk& chunk,
                                std::vector<std::uint8_t>& replacement) = 0;
};

/// Makes the inspector of each connection that a stream rule covers.
class ORIEL_API StreamInspectorSource {
 public:
  virtual ~StreamInspectorSource() = default;
  /// `connection`: layer kStream, `direction` says who opened it. nullptr: leave this one alone.
  virtual std::unique_ptr<StreamInspector> inspector_for(const FilterEvent& connection) = 0;
};

/// First to last, both included, of one family.
struct ORIEL_API AddressRange {
  IpAddress first;
  IpAddress last;

  static AddressRange of(const Prefix& prefix);
  bool contains(const IpAddress& a) const {
    return a.is_v4() == first.is_v4() && first <= a && a <= last;
  }
  friend constexpr auto operator<=>(const AddressRange&, const AddressRange&) = default;
};

/// First to last, both included.
struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 65535;

  bool contains(std::uint16_t port) const { return first <= port && port <= last; }
  friend constexpr auto operator<=>(const PortRange&, const PortRange&) = default;
};

/// What a rule does with what it holds for.
enum class FilterAction : std::uint8_t {
  kPermit,
  kBlock,
  kCallout,  ///< what `callout` says; at kStream the bytes pass inspectors of `inspectors`
};

using SublayerId = std::uint32_t;
/// Always there; weight 0, so it is asked last.
inline constexpr SublayerId kDefaultSublayer = 0;
using FilterId = std::uint64_t;

/// One rule. A list of conditions that is empty holds for everything; otherwise one of its entries
/// has to hold. All lists, and what else is set, have to hold together.
struct FilterRule {
  std::string name;  ///< for people; may be empty
  FilterLayer layer = FilterLayer::kConnect;
  FilterAction action = FilterAction::kBlock;
  SublayerId sublayer = kDefaultSublayer;
  std::uint64_t weight = 0;  ///< within the sublayer; of equal ones the older goes first
  bool is_final = false;     ///< kPermit: no later sublayer is asked

  FilterFamily family = FilterFamily::kAny;
  std::vector<AddressRange> local_addresses;
  std::vector<AddressRange> remote_addresses;
  std::vector<PortRange> local_ports;
  std::vector<PortRange> remote_ports;
  std::vector<std::uint8_t> protocols;
  std::optional<bool> is_loopback;
  std::optional<FilterDirection> direction;

  std::shared_ptr<FilterCallout> callout;
  std::shared_ptr<StreamInspectorSource> inspectors;
};

/// Limits of one host; more gives kNoBuffers.
inline constexpr std::size_t kFilterRulesMax = 65536;
inline constexpr std::size_t kSublayersMax = 1024;
inline constexpr std::size_t kRuleConditionsMax = 1024;  ///< entries of one list of one rule

}  // namespace oriel
