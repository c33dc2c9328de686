// The pcap format (draft-ietf-opsawg-pcap) and the device in the middle.
//
//   file:   | magic | 2 | 4 | 0 | 0 | snaplen | link type |        record: | s | ns | kept | length
//   | bytes
#include "link/pcap_tap.h"

#include <cerrno>

#include "base/bytes.h"
#include "link/link_error.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"

namespace oriel::link {
namespace {

constexpr std::uint32_t kMagicNanoseconds = 0xa1b23c4d;
constexpr std::uint32_t kLinkTypeEthernet = 1;
constexpr std::uint32_t kLinkTypeRaw = 101;
constexpr std::uint32_t kSnapLengthBytes = 262144;  ///< what readers accept as the largest
constexpr std::size_t kNotedBytesMax = 1 << 20;     ///< then they are written within a burst

/// Does in the copy what the device would do: sums from checksum_start on over the seed in the
/// field.
void finish_checksum(std::span<std::uint8_t> packet, const Offload& offload) {
  const std::size_t start = offload.checksum_start;
  const std::size_t field = start + offload.checksum_offset;
  if (offload.checksum != Offload::Checksum::kPartial || field + 2 > packet.size()) return;
  std::uint16_t sum = wire::checksum(packet.subspan(start));
  if (sum == 0) sum = 0xffff;  // RFC 768: zero means none; for TCP both are the same number
  store_be16(packet.data() + field, sum);
}

/// Passes buffers through and shows each packet on its way to the host.
class ShowingBurst final : public RxBurst {
 public:
  ShowingBurst(RxBurst& outer, PcapFile& file, DeviceInfo::Framing framing, Instant now)
      : outer_(outer), file_(file), framing_(framing), now_(now) {}
  ByteSpan buffer() override {
    buffer_ = outer_.buffer();
    return buffer_;
  }
  void commit(std::size_t bytes, const Offload& offload) override {
    const ByteView packet = buffer_.first(bytes);
    file_.write(now_, framing_, {&packet, 1}, offload);
    outer_.commit(bytes, offload);
  }

 private:
  RxBurst& outer_;
  PcapFile& file_;
  DeviceInfo::Framing framing_;
  Instant now_;
  ByteSpan buffer_;
};

}  // namespace

PcapFile::PcapFile(std::FILE* file, DeviceInfo::Framing framing) : file_(file), framing_(framing) {
  std::setvbuf(file_, nullptr, _IONBF, 0);
  const bool is_ethernet = framing == DeviceInfo::Framing::kEthernet;
  const std::uint32_t header[6] = {kMagicNanoseconds,
                                   2 | 4 << 16,
                                   0,
                                   0,
                                   kSnapLengthBytes,
                                   is_ethernet ? kLinkTypeEthernet : kLinkTypeRaw};
  put(header, sizeof header);
  flush();
}

PcapFile::~PcapFile() {
  flush();
  std::fclose(file_);
}

void PcapFile::put(const void* bytes, std::size_t size) {
  const auto* first = static_cast<const std::uint8_t*>(bytes);
  noted_.insert(noted_.end(), first, first + size);
}

void PcapFile::flush() {
  if (noted_.empty() || has_failed_) return;
  has_failed_ = std::fwrite(noted_.data(), 1, noted_.size(), file_) != noted_.size();
  noted_.clear();
}

void PcapFile::write(Instant now, DeviceInfo::Framing framing, std::span<const ByteView> pieces,
                     const Offload& offload) {
  if (has_failed_) return;
  flat_.clear();
  for (ByteView piece : pieces) flat_.insert(flat_.end(), piece.begin(), piece.end());
  if (flat_.size() > kSnapLengthBytes) return;
  finish_checksum(flat_, offload);
  if (framing != framing_ && !flat_.empty()) {
    const bool is_v6 = flat_[0] >> 4 == 6;
    std::uint8_t header[wire::kEthernetHeaderBytes] = {};
    store_be16(header + 12, is_v6 ? wire::ethertype::kIpv6 : wire::ethertype::kIpv4);
    flat_.insert(flat_.begin(), header, header + sizeof header);
  }
  const auto length = static_cast<std::uint32_t>(flat_.size());
  const std::uint32_t record[4] = {static_cast<std::uint32_t>(now.ns / 1'000'000'000),
                                   static_cast<std::uint32_t>(now.ns % 1'000'000'000), length,
                                   length};
  put(record, sizeof record);
  put(flat_.data(), flat_.size());
  if (noted_.size() >= kNotedBytesMax) flush();
}

PcapTap::PcapTap(std::unique_ptr<Device> inner, std::shared_ptr<PcapFile> file,
                 std::function<Instant()> now)
    : inner_(std::move(inner)), file_(std::move(file)), now_(std::move(now)) {}

std::size_t PcapTap::transmit(std::span<const PacketOut> burst) {
  const std::size_t taken = inner_->transmit(burst);
  if (taken == 0) return 0;
  const Instant now = now_();
  for (const PacketOut& packet : burst.first(taken)) {
    file_->write(now, info().framing, packet.pieces, packet.offload);
  }
  file_->flush();
  return taken;
}

ErrorCode PcapTap::receive(RxBurst& burst) {
  ShowingBurst showing(burst, *file_, info().framing, now_());
  const ErrorCode result = inner_->receive(showing);
  file_->flush();
  return result;
}

Result<std::shared_ptr<Capture>> Capture::open(const std::string& path, DeviceInfo::Framing framing,
                                               std::function<Instant()> now) {
  std::FILE* file = std::fopen(path.c_str(), "wbe");
  if (file == nullptr) {
    return Failure(error_from_errno("writing the capture '" + path + "' failed", errno));
  }
  auto pcap = std::make_shared<PcapFile>(file, framing);
  return std::shared_ptr<Capture>(new Capture(std::move(pcap), std::move(now)));
}

std::unique_ptr<Device> Capture::wrap(std::unique_ptr<Device> inner) const {
  return std::make_unique<PcapTap>(std::move(inner), file_, now_);
}

void Capture::note(ByteView packet, const Offload& offload) {
  file_->write(now_(), DeviceInfo::Framing::kIp, {&packet, 1}, offload);
}

}  // namespace oriel::link

namespace oriel {

Result<std::unique_ptr<Device>> capture(std::unique_ptr<Device> inner, const std::string& pcap_path,
                                        std::function<Instant()> now) {
  if (inner == nullptr || !now) {
    return fail(ErrorCode::kInvalidArgument, "a capture needs a device and a clock");
  }
  auto opened = link::Capture::open(pcap_path, inner->info().framing, std::move(now));
  if (!opened) return Failure(opened.error());
  return (*opened)->wrap(std::move(inner));
}

}  // namespace oriel
