// ARP in (RFC 826): answers for our addresses, and what the sender says about its own.
#include <array>

#include "ip/arrival.h"
#include "ip/input.h"
#include "wire/arp.h"
#include "wire/ethernet.h"

namespace oriel::ip {

Verdict Input::arp(Arrival& a) {
  const auto message = wire::parse_arp(a.packet);
  if (!message || message->sender_mac.is_multicast() || message->sender_ip.is_multicast() ||
      message->sender_ip.is_broadcast()) {
    return drop(a, DropReason::kArpMalformed);
  }
  const bool is_request = message->operation == wire::ArpPacket::Operation::kRequest;
  ++(is_request ? statistics_.arp_in_requests : statistics_.arp_in_replies);
  const Neighbours::Key sender{a.in.index, message->sender_ip};
  // Somebody else with our address: nothing to learn, and no answer that would feed the quarrel.
  if (a.in.has_address(message->sender_ip)) return drop(a, DropReason::kArpNotForUs);
  const bool is_for_us = a.in.has_address(message->target_ip);
  const bool is_probe = message->sender_ip.is_unspecified();  // RFC 5227: takes no mapping
  if (!is_request && is_for_us && !is_probe) {
    neighbours_.on_answer(a.now, sender, message->sender_mac, true);
    return Verdict::kConsumed;
  }
  if (!is_probe) neighbours_.on_hint(a.now, sender, message->sender_mac, is_request && is_for_us);
  if (!is_request || !is_for_us) return drop(a, DropReason::kArpNotForUs);
  wire::ArpPacket reply;
  reply.operation = wire::ArpPacket::Operation::kReply;
  reply.sender_mac = a.in.mac;
  reply.sender_ip = message->target_ip;
  reply.target_mac = message->sender_mac;
  reply.target_ip = message->sender_ip;
  std::array<std::uint8_t, wire::kArpBytes> bytes;
  wire::emit_arp(reply, bytes);
  ++statistics_.arp_out_replies;
  sender_.send_frame(a.in, message->sender_mac, wire::ethertype::kArp, bytes);
  return Verdict::kConsumed;
}

}  // namespace oriel::ip
