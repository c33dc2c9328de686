// An RxBurst that keeps what it is given: for tests, benchmarks and simple readers of a device.
#pragma once

#include <cstddef>
#include <vector>

#include "oriel/link.h"

namespace oriel::link {

/// Bound: takes at most `packets_max` packets of at most `buffer_bytes` each.
class PacketCollector final : public RxBurst {
 public:
  struct Packet {
    std::vector<std::uint8_t> bytes;
    Offload offload;
  };

  explicit PacketCollector(std::size_t buffer_bytes, std::size_t packets_max = 64)
      : buffer_(buffer_bytes), packets_max_(packets_max) {}

  ByteSpan buffer() override {
    return packets.size() == packets_max_ ? ByteSpan{} : ByteSpan(buffer_);
  }
  void commit(std::size_t bytes, const Offload& offload) override {
    const auto end = buffer_.begin() + static_cast<std::ptrdiff_t>(bytes);
    packets.push_back({{buffer_.begin(), end}, offload});
  }

  std::vector<Packet> packets;

 private:
  std::vector<std::uint8_t> buffer_;
  std::size_t packets_max_;
};

/// Sends one packet made of one piece. Returns whether it was taken.
inline bool transmit_one(Device& device, ByteView packet, const Offload& offload = {}) {
  const PacketOut out{{&packet, 1}, offload};
  return device.transmit({&out, 1}) == 1;
}

}  // namespace oriel::link
