// Does what a host puts on its link keep TCP's promises? Watches one end of a link, packet by
// packet.
//
// Judges a host only by what it itself sent and was given, so middleboxes and losses confuse
// nothing:
//   right window edge never moves left (RFC 9293 3.8.6), with the scale that the SYNs agreed (RFC
//   7323 2.2); nothing sent beyond the peer's right edge (one byte of probe allowed, 3.8.6.1) or
//   beyond a FIN; no gap in what was sent; ACKs never move left and never pass what arrived.
// Packets the path corrupted are not evidence. Constant work per packet.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>

#include "base/seq_num.h"
#include "sim/seen_segment.h"

namespace oriel::sim {

class TcpEndChecker {
 public:
  using Report = std::function<void(const std::string& sentence)>;
  explicit TcpEndChecker(Report report) : report_(std::move(report)) {}

  void on_sent(const SeenSegment& s);      ///< the watched host put this on the link
  void on_received(const SeenSegment& s);  ///< it was given this, uncorrupted

 private:
  // A SYN of the peer; adopted once the handshake shows that the watched host took it.
  struct PeerSyn {
    bool is_known = false;
    SeqNum irs;
    std::int8_t window_scale = -1;
    std::uint16_t window = 0;
  };
  struct Flow {
    bool has_sent_syn = false;
    SeqNum iss;
    SeqNum snd_max;
    bool has_sent_fin = false;
    SeqNum fin_sent;  // sequence number of our FIN
    std::int8_t window_scale_sent = -1;
    bool has_sent_ack = false;
    SeqNum ack_max;
    SeqNum edge_promised;  // largest right edge we advertised

    PeerSyn heard;   // the last SYN that came
    PeerSyn peer;    // the adopted one; is_known: the handshake got that far
    SeqNum rcv_max;  // right end of all that arrived
    bool has_peer_fin = false;
    SeqNum peer_fin;
    SeqNum edge_granted;  // largest right edge the peer advertised

    bool is_scaled() const { return window_scale_sent >= 0 && peer.window_scale >= 0; }
  };

  Flow& flow_of(const FlowKey& key);
  void on_sent_syn(const SeenSegment& s, Flow& f);
  static void adopt_peer(Flow& f);
  void check_sequence(const SeenSegment& s, Flow& f);
  void check_window(const SeenSegment& s, const Flow& f);
  void check_ack(const SeenSegment& s, Flow& f);
  void report(const SeenSegment& s, const std::string& what);

  Report report_;
  std::unordered_map<FlowKey, Flow, FlowHash> flows_;
  const FlowKey* last_key_ = nullptr;
  Flow* last_flow_ = nullptr;
};

}  // namespace oriel::sim
