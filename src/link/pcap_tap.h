// A capture of what passes a device, as a classic pcap file with nanosecond time stamps.
//
// Whole packets: super-segments are written as one, larger than the MTU, as the host saw them. A
// checksum that hardware would finish is finished in the copy, so that readers show no errors that
// were never on a wire. Each burst is one write of whole records, so that the file is good to the
// last burst however the process ends. A write that fails ends the capture and not the traffic. One
// file has frames of one kind: in a file of Ethernet frames, packets of devices without frames and
// of the loopback have a header of zeros, as captures of Linux's loopback do.
#pragma once

#include <cstdio>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "oriel/link.h"

namespace oriel::link {

/// The file. Thread: one.
class PcapFile {
 public:
  /// Takes an open file and writes its header.
  PcapFile(std::FILE* file, DeviceInfo::Framing framing);
  ~PcapFile();
  PcapFile(const PcapFile&) = delete;
  PcapFile& operator=(const PcapFile&) = delete;

  /// Notes one packet of a device with such frames; `flush` writes what was noted, at the latest
  /// when it has grown large.
  void write(Instant now, DeviceInfo::Framing framing, std::span<const ByteView> pieces,
             const Offload& offload);
  void flush();

 private:
  void put(const void* bytes, std::size_t size);
  std::FILE* file_;
  DeviceInfo::Framing framing_;
  bool has_failed_ = false;
  std::vector<std::uint8_t> noted_;  ///< whole records
  std::vector<std::uint8_t> flat_;   ///< the copy whose checksum is filled in
};

/// A device that writes each packet that its inner device takes or gives.
class PcapTap final : public Device {
 public:
  PcapTap(std::unique_ptr<Device> inner, std::shared_ptr<PcapFile> file,
          std::function<Instant()> now);

  const DeviceInfo& info() const override { return inner_->info(); }
  std::size_t transmit(std::span<const PacketOut> burst) override;
  ErrorCode receive(RxBurst& burst) override;
  int poll_fd() const override { return inner_->poll_fd(); }
  DeviceCounters counters() const override { return inner_->counters(); }
  Instant next_deadline() const override { return inner_->next_deadline(); }
  bool has_undelivered() const override { return inner_->has_undelivered(); }

 private:
  std::unique_ptr<Device> inner_;
  std::shared_ptr<PcapFile> file_;
  std::function<Instant()> now_;
};

/// One capture of several devices, and of packets that pass none. Thread: one.
class Capture {
 public:
  /// `framing`: IP only where no device has Ethernet frames. Errors: as opening a file gives.
  static Result<std::shared_ptr<Capture>> open(const std::string& path, DeviceInfo::Framing framing,
                                               std::function<Instant()> now);

  std::unique_ptr<Device> wrap(std::unique_ptr<Device> inner) const;
  /// A packet of the loopback; `flush` at the end of a burst.
  void note(ByteView packet, const Offload& offload);
  void flush() { file_->flush(); }

 private:
  Capture(std::shared_ptr<PcapFile> file, std::function<Instant()> now)
      : file_(std::move(file)), now_(std::move(now)) {}
  std::shared_ptr<PcapFile> file_;
  std::function<Instant()> now_;
};

}  // namespace oriel::link
