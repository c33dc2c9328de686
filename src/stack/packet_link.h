// The link of a manual host: packets go in by inject and out by take, without a device behind.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "oriel/link.h"

namespace oriel::stack {

/// Bound: kBytesMax of packets wait to be taken; beyond that the link is full.
class PacketLink final : public Device {
 public:
  static constexpr std::size_t kBytesMax = 16u << 20;

  struct Packet {
    std::vector<std::uint8_t> bytes;
    Offload offload;
  };

  explicit PacketLink(const DeviceInfo& info) : info_(info) {}

  const DeviceInfo& info() const override { return info_; }
  std::size_t transmit(std::span<const PacketOut> burst) override;
  ErrorCode receive(RxBurst& /*burst*/) override { return ErrorCode::kOk; }

  /// The next packet, good until the next call; nullptr when none waits.
  const Packet* take();
  bool empty() const { return queue_.empty(); }

 private:
  DeviceInfo info_;
  std::deque<Packet> queue_;
  std::vector<std::vector<std::uint8_t>> spare_;  // memory of packets that were taken
  std::size_t bytes_ = 0;
  Packet taken_;
};

}  // namespace oriel::stack
