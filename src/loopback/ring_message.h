// What two processes say to each other about rings, over their packet link: files, offers, answers,
// that one end has news for the host of the other, where the sender's life shows (life_page.h), and
// the ring for the bytes of its packets (packet_ring.h).
//
// One layout for all seven. Every field of another process's message is checked where it is used;
// slots mean something only to their owner.
#pragma once

#include <cstdint>
#include <cstring>

#include "base/bytes.h"
#include "loopback/message.h"
#include "oriel/address.h"
#include "oriel/trace.h"
#include "runtime/unique_fd.h"

namespace oriel::loopback {

/// RingMessage::verdict: the listening program refuses the connection, whichever way it comes.
inline constexpr std::uint8_t kRefusedVerdict = 0xff;

struct RingMessage {
  MessageKind kind = MessageKind::kRingNews;
  std::uint8_t verdict = 0;  ///< of an answer: a PathReason, kFast: taken; kRefusedVerdict
  std::uint16_t connector_port = 0;
  std::uint16_t listener_port = 0;
  std::uint16_t unused = 0;
  std::uint32_t slot = 0;  ///< the sender's end; of kRingFile: the file's number
  std::uint32_t generation = 0;
  std::uint32_t other_slot = 0;  ///< the receiver's end: which offer is answered, which has news
  std::uint32_t other_generation = 0;
  std::uint8_t connector[16] = {};
  std::uint8_t listener[16] = {};

  void name(const Endpoint& c, const Endpoint& l) {
    connector_port = c.port;
    listener_port = l.port;
    std::memcpy(connector, c.address.bytes().data(), sizeof connector);
    std::memcpy(listener, l.address.bytes().data(), sizeof listener);
  }
  Endpoint connector_end() const { return {IpAddress::v6(connector), connector_port}; }
  Endpoint listener_end() const { return {IpAddress::v6(listener), listener_port}; }

  /// Of kPacketCredit: bytes of the packet ring that were read.
  void set_position(std::uint64_t position) {
    slot = static_cast<std::uint32_t>(position);
    generation = static_cast<std::uint32_t>(position >> 32);
  }
  std::uint64_t position() const { return std::uint64_t{generation} << 32 | slot; }

  ByteView view() const { return {reinterpret_cast<const std::uint8_t*>(this), sizeof *this}; }
};
static_assert(sizeof(RingMessage) == 56);

inline bool is_ring_kind(std::uint8_t kind) {
  return kind >= static_cast<std::uint8_t>(MessageKind::kRingFile) &&
         kind <= static_cast<std::uint8_t>(MessageKind::kPacketCredit);
}

/// Whom a link tells of them. Thread: the host's owner, inside the link's receive.
class RingMessageSink {
 public:
  /// `fd`: of kRingFile and kRingLife.
  virtual void on_ring_message(std::uint32_t link, const RingMessage& message,
                               runtime::UniqueFd fd) = 0;

 protected:
  ~RingMessageSink() = default;
};

}  // namespace oriel::loopback
