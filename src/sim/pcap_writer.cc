// Native byte order throughout: the magic number tells readers.
#include "sim/pcap_writer.h"

#include <cerrno>

#include "wire/checksum.h"

namespace oriel::sim {
namespace {

constexpr std::uint32_t kMagicNanoseconds = 0xa1b23c4d;
constexpr std::uint32_t kSnapBytes = 262'144;
constexpr std::uint32_t kLinktypeRaw = 101;
constexpr std::size_t kRecordHeaderBytes = 16;
constexpr std::int64_t kNsPerSecond = 1'000'000'000;

ErrorCode code_of(int error) {
  if (error == EACCES || error == EPERM || error == EROFS) return ErrorCode::kPermissionDenied;
  if (error == ENOENT || error == ENOTDIR) return ErrorCode::kNotFound;
  return ErrorCode::kInvalidArgument;
}

}  // namespace

Result<void> PcapWriter::open(const std::string& path) {
  file_.reset(std::fopen(path.c_str(), "wbe"));
  if (!file_) {
    const int error = errno;
    return fail(code_of(error), "cannot write the capture " + path + ": " + std::strerror(error));
  }
  const std::uint32_t header[6] = {kMagicNanoseconds, 2u | 4u << 16, 0, 0,
                                   kSnapBytes,        kLinktypeRaw};
  std::fwrite(header, sizeof header, 1, file_.get());
  return {};
}

void PcapWriter::write(Instant now, std::span<const ByteView> pieces, const Offload& offload) {
  record_.resize(kRecordHeaderBytes);
  for (ByteView p : pieces) record_.insert(record_.end(), p.begin(), p.end());
  const ByteSpan packet = ByteSpan(record_).subspan(kRecordHeaderBytes);
  if (offload.checksum == Offload::Checksum::kPartial) {
    wire::complete_checksum(packet, offload.checksum_start, offload.checksum_offset);
  }
  const auto bytes = static_cast<std::uint32_t>(packet.size());
  const std::uint32_t header[4] = {static_cast<std::uint32_t>(now.ns / kNsPerSecond),
                                   static_cast<std::uint32_t>(now.ns % kNsPerSecond), bytes, bytes};
  std::memcpy(record_.data(), header, sizeof header);
  if (std::fwrite(record_.data(), record_.size(), 1, file_.get()) != 1) file_.reset();
}

}  // namespace oriel::sim
