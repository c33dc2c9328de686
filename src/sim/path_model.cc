// The public face of a path: one contiguous packet in, one out.
#include "sim/path_core.h"
#include "wire/checksum.h"

namespace oriel::sim {

struct PathModel::Impl {
  PathCore core;
  std::vector<std::uint8_t> finished;
};

PathModel::PathModel(const PathOptions& options, std::uint64_t seed)
    : impl_(new Impl{PathCore(options, seed), {}}) {}
PathModel::~PathModel() = default;
PathModel::PathModel(PathModel&&) noexcept = default;
PathModel& PathModel::operator=(PathModel&&) noexcept = default;

void PathModel::set_options(const PathOptions& options) {
  impl_->core.set_options(options);
}
const PathOptions& PathModel::options() const {
  return impl_->core.options();
}
void PathModel::set_keeps_super_segments(bool keeps) {
  impl_->core.set_keeps_super_segments(keeps);
}

bool PathModel::enqueue(Instant now, ByteView packet, const Offload& offload,
                        std::vector<std::uint8_t>* icmp_reply) {
  return impl_->core.enqueue(now, {&packet, 1}, offload, icmp_reply);
}

Instant PathModel::next_deadline() const {
  return impl_->core.next_deadline();
}

ByteView PathModel::dequeue(Instant now, Offload* offload) {
  Delivery d;
  if (!impl_->core.dequeue(now, &d)) return {};
  if (offload != nullptr) {
    *offload = d.offload;
    return d.bytes;
  }
  if (d.offload.checksum != Offload::Checksum::kPartial) return d.bytes;
  impl_->finished.assign(d.bytes.begin(), d.bytes.end());
  wire::complete_checksum(impl_->finished, d.offload.checksum_start, d.offload.checksum_offset);
  return impl_->finished;
}

const PathStatistics& PathModel::statistics() const {
  return impl_->core.statistics();
}

}  // namespace oriel::sim
