// Bursts in and out. The waiting queue keeps order: while it holds anything, everything else goes
// behind it.
#include "stack/link_port.h"

#include <algorithm>
#include <cstring>

namespace oriel::stack {

ByteSpan RxBatch::buffer() {
  if (count_ == kBurstPackets) return {};
  if (spare_.empty()) spare_ = pool_.make(buffer_bytes_);
  return {spare_.mutable_data(), spare_.size()};
}

void RxBatch::commit(std::size_t bytes, const Offload& offload) {
  offloads_[count_] = offload;
  if (bytes <= kSmallBytes && buffer_bytes_ > kSmallBytes) {
    packets_[count_++] = pool_.copy_of({spare_.data(), bytes});
    return;
  }
  spare_.truncate(bytes);
  packets_[count_++] = std::move(spare_);
}

LinkPort::LinkPort(std::unique_ptr<Device> device, std::uint32_t interface_index, BufferPool& pool)
    : device_(std::move(device)),
      interface_index_(interface_index),
      pool_(pool),
      rx_(pool, device_->info().rx_buffer_bytes),
      slots_(std::make_unique<std::array<Slot, kBurstPackets>>()) {}

ByteSpan LinkPort::head() {
  if (count_ == kBurstPackets) flush();
  if (is_blocked()) return {};
  return (*slots_)[count_].head;
}

void LinkPort::add(std::size_t head_bytes, std::span<const ByteView> pieces,
                   const Offload& offload) {
  Slot& slot = (*slots_)[count_];
  slot.pieces[0] = ByteView(slot.head).first(head_bytes);
  std::copy(pieces.begin(), pieces.end(), slot.pieces.begin() + 1);
  burst_[count_] = {{slot.pieces.data(), pieces.size() + 1}, offload};
  ++count_;
}

bool LinkPort::add_owned(ip::OwnedPacket packet) {
  if (count_ != 0) flush();
  if (waiting_.size() >= kQueuedPacketsMax) return false;
  waiting_.push_back(std::move(packet));
  return true;
}

void LinkPort::flush() {
  flush_waiting();
  if (count_ == 0) return;
  const std::size_t taken = is_blocked() ? 0 : device_->transmit({burst_.data(), count_});
  packets_out_ += taken;
  if (taken < count_) keep_rest(taken);
  count_ = 0;
}

void LinkPort::keep_rest(std::size_t from) {
  for (std::size_t i = from; i < count_; ++i) {
    ip::OwnedPacket copy;
    copy.interface_index = interface_index_;
    copy.offload = burst_[i].offload;
    copy.bytes = pool_.make(burst_[i].size());
    std::uint8_t* to = copy.bytes.mutable_data();
    for (const ByteView piece : burst_[i].pieces) {
      std::memcpy(to, piece.data(), piece.size());
      to += piece.size();
    }
    waiting_.push_back(std::move(copy));
  }
}

void LinkPort::flush_waiting() {
  while (!waiting_.empty()) {
    const std::size_t n = std::min(waiting_.size(), kBurstPackets);
    std::array<ByteView, kBurstPackets> views;
    std::array<PacketOut, kBurstPackets> burst;
    for (std::size_t i = 0; i < n; ++i) {
      views[i] = waiting_[i].bytes.view();
      burst[i] = {{&views[i], 1}, waiting_[i].offload};
    }
    const std::size_t taken = device_->transmit({burst.data(), n});
    packets_out_ += taken;
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(taken));
    if (taken < n) return;
  }
}

}  // namespace oriel::stack
