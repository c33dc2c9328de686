// TUN and TAP: the kernel's end of an Ethernet-less (or Ethernet) cable, through /dev/net/tun.
//
// One system call a packet either way; there is no burst call for this device. With the virtio-net
// header one packet may carry 64 KiB of TCP, which is what makes it fast. The device's header size
// and offloads are set at each attach, because a persistent device remembers what its last user
// left.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/unique_fd.h"
#include "link/vnet_header.h"
#include "oriel/link.h"

struct iovec;

namespace oriel::link {

using runtime::UniqueFd;

class TunDevice final : public Device {
 public:
  /// Takes an attached descriptor (see open_tun).
  TunDevice(UniqueFd fd, DeviceInfo info, bool is_offloaded);

  const DeviceInfo& info() const override { return info_; }
  std::size_t transmit(std::span<const PacketOut> burst) override;
  ErrorCode receive(RxBurst& burst) override;
  int poll_fd() const override { return fd_.get(); }
  DeviceCounters counters() const override { return counters_; }

 private:
  enum class Sent : std::uint8_t { kTaken, kFull, kLost };
  Sent send_one(const PacketOut& packet);
  std::size_t gather(const PacketOut& packet, std::span<iovec> out);
  void take_in(ByteView packet, const VnetHeader& header, RxBurst& burst);

  UniqueFd fd_;
  DeviceInfo info_;
  bool is_offloaded_;
  bool is_lost_ = false;
  DeviceCounters counters_;
  std::vector<std::uint8_t> flat_;  ///< packets of too many pieces are made one here
};

}  // namespace oriel::link
