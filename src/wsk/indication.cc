// Filling lists of indications and giving them back.
#include "wsk/indication.h"

#include <utility>

#include "win32/sockaddr.h"
#include "wsk/socket.h"

namespace oriel::wsk {

DataIndications::DataIndications() = default;
DataIndications::~DataIndications() = default;
DatagramIndications::DatagramIndications() = default;
DatagramIndications::~DatagramIndications() = default;

// The first entry points to the MDL behind itself: nothing else does.
DataIndications* DataIndications::from(PWSK_DATA_INDICATION shown) {
  if (shown == nullptr) return nullptr;
  auto* entry = reinterpret_cast<Entry*>(shown);
  if (shown->Buffer.Mdl != &entry->mdl) return nullptr;
  return entry->list;
}

std::size_t DataIndications::fill(runtime::Ref<Socket> owner, const socket::StreamSocket& stream,
                                  BufferPool& pool) {
  runs_ = stream.lend(slices_, kIndicatedBytesMax, pool);
  bytes_ = 0;
  for (std::size_t i = 0; i < runs_; ++i) {
    Entry& entry = entries_[i];
    describe(entry.mdl, slices_[i].view());
    entry.shown.Buffer = {&entry.mdl, 0, slices_[i].size()};
    entry.shown.Next = i + 1 < runs_ ? &entries_[i + 1].shown : nullptr;
    entry.list = this;
    bytes_ += slices_[i].size();
  }
  if (bytes_ != 0) owner_ = std::move(owner);
  return bytes_;
}

void DataIndications::clear() {
  for (std::size_t i = 0; i < runs_; ++i) slices_[i] = Slice();
  runs_ = 0;
  bytes_ = 0;
  state = ListState::kReleased;
  owner_ = nullptr;
}

DatagramIndications* DatagramIndications::from(PWSK_DATAGRAM_INDICATION shown) {
  if (shown == nullptr) return nullptr;
  auto* entry = reinterpret_cast<Entry*>(shown);
  if (shown->Buffer.Mdl != &entry->mdl) return nullptr;
  return entry->list;
}

std::size_t DatagramIndications::fill(runtime::Ref<Socket> owner, socket::UdpSocket& datagrams) {
  const int family = owner->family();
  udp::ReceivedDatagram datagram;
  while (count_ < kIndicatedRunsMax && datagrams.take(datagram)) {
    Entry& entry = entries_[count_];
    Slice& slice = slices_[count_] = std::move(datagram.payload);
    describe(entry.mdl, slice.view());
    entry.shown.Buffer = {&entry.mdl, 0, slice.size()};
    INT bytes = sizeof entry.from;
    auto* from = reinterpret_cast<sockaddr*>(&entry.from);
    win32::write_sockaddr(datagram.source, family, from, &bytes);
    entry.shown.RemoteAddress = from;
    entry.list = this;
    if (count_ != 0) entries_[count_ - 1].shown.Next = &entry.shown;
    ++count_;
    bytes_ += slice.size() + udp::kDatagramOverheadBytes;
  }
  if (count_ != 0) owner_ = std::move(owner);
  return count_;
}

void DatagramIndications::clear() {
  for (std::size_t i = 0; i < count_; ++i) slices_[i] = Slice();
  count_ = 0;
  bytes_ = 0;
  state = ListState::kReleased;
  owner_ = nullptr;
}

}  // namespace oriel::wsk
