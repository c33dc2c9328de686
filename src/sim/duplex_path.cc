// Two one-way paths, the boxes at their `a` end, and what each does with the other's answers.
//
//   from a: boxes in order, then the path            to a: the path, then boxes in reverse
#include <deque>
#include <utility>

#include "oriel/sim.h"
#include "sim/path_core.h"
#include "sim/segmentation.h"
#include "wire/checksum.h"

namespace oriel::sim {
namespace {

using Direction = Middlebox::Direction;
using Packet = std::vector<std::uint8_t>;

std::size_t index_of(Direction d) {
  return d == Direction::kAToB ? 0 : 1;
}
Direction back(Direction d) {
  return d == Direction::kAToB ? Direction::kBToA : Direction::kAToB;
}

Packet joined(std::span<const ByteView> pieces) {
  Packet out;
  for (ByteView p : pieces) out.insert(out.end(), p.begin(), p.end());
  return out;
}

void complete(Packet& packet, const Offload& offload) {
  if (offload.checksum != Offload::Checksum::kPartial) return;
  wire::complete_checksum(packet, offload.checksum_start, offload.checksum_offset);
}

}  // namespace

struct DuplexPath::Impl {
  struct Reply {
    Instant due;
    Packet bytes;
  };

  PathCore& path(Direction d) { return paths[index_of(d)]; }
  void enter_path(Instant now, Direction d, std::span<const ByteView> pieces,
                  const Offload& offload);
  void enter_boxes(Instant now, Packet packet);
  bool pass_boxes(Instant now, Direction d, Packet& packet);
  bool leave_boxes(Instant now, Delivery* out);

  PathCore paths[2];
  std::vector<std::shared_ptr<Middlebox>> boxes;
  std::deque<Reply> replies_to_a;
  Packet held;  // bytes of the last delivery, when changed here
  bool completes_checksums[2] = {false, false};
  std::uint64_t box_dropped[2] = {0, 0};
  mutable PathStatistics statistics[2];
};

// A router's answer travels the opposite path: the far end of the narrow link is where it stands.
void DuplexPath::Impl::enter_path(Instant now, Direction d, std::span<const ByteView> pieces,
                                  const Offload& offload) {
  Packet answer;
  if (path(d).enqueue(now, pieces, offload, &answer) || answer.empty()) return;
  const ByteView view(answer);
  path(back(d)).enqueue(now, {&view, 1}, {}, nullptr);
}

void DuplexPath::Impl::enter_boxes(Instant now, Packet packet) {
  if (!pass_boxes(now, Direction::kAToB, packet)) return;
  const ByteView view(packet);
  enter_path(now, Direction::kAToB, {&view, 1}, {});
}

// True: the packet goes on. Replies go back where it came from.
bool DuplexPath::Impl::pass_boxes(Instant now, Direction d, Packet& packet) {
  const std::size_t n = boxes.size();
  for (std::size_t i = 0; i < n; ++i) {
    std::vector<Packet> replies;
    Middlebox& box = *boxes[d == Direction::kAToB ? i : n - 1 - i];
    const bool goes_on = box.on_packet(now, d, packet, replies);
    for (Packet& r : replies) {
      if (r.empty()) continue;
      if (d == Direction::kAToB) {
        replies_to_a.push_back({now, std::move(r)});
      } else {
        const ByteView view(r);
        enter_path(now, Direction::kAToB, {&view, 1}, {});
      }
    }
    if (goes_on && !packet.empty()) continue;
    ++box_dropped[index_of(d)];
    return false;
  }
  return true;
}

bool DuplexPath::Impl::leave_boxes(Instant now, Delivery* out) {
  if (!replies_to_a.empty()) {
    held = std::move(replies_to_a.front().bytes);
    replies_to_a.pop_front();
    *out = {held, {}, false};
    return true;
  }
  while (path(Direction::kBToA).dequeue(now, out)) {
    if (out->is_corrupted) continue;  // a box that rewrites sums must not make a bad packet good
    held.assign(out->bytes.begin(), out->bytes.end());
    complete(held, out->offload);
    if (!pass_boxes(now, Direction::kBToA, held)) continue;
    *out = {held, {}, false};
    return true;
  }
  return false;
}

DuplexPath::DuplexPath(const PathOptions& a_to_b, const PathOptions& b_to_a,
                       std::uint64_t seed_a_to_b, std::uint64_t seed_b_to_a,
                       std::vector<std::shared_ptr<Middlebox>> boxes)
    : impl_(new Impl{{PathCore(a_to_b, seed_a_to_b), PathCore(b_to_a, seed_b_to_a)},
                     std::move(boxes),
                     {},
                     {},
                     {},
                     {},
                     {}}) {}
DuplexPath::~DuplexPath() = default;
DuplexPath::DuplexPath(DuplexPath&&) noexcept = default;
DuplexPath& DuplexPath::operator=(DuplexPath&&) noexcept = default;

void DuplexPath::set_options(Direction direction, const PathOptions& options) {
  impl_->path(direction).set_options(options);
}
const PathOptions& DuplexPath::options(Direction direction) const {
  return impl_->path(direction).options();
}
void DuplexPath::set_keeps_super_segments(Direction direction, bool keeps) {
  impl_->path(direction).set_keeps_super_segments(keeps && impl_->boxes.empty());
}
void DuplexPath::set_completes_checksums(Direction direction, bool completes) {
  impl_->completes_checksums[index_of(direction)] = completes;
}

void DuplexPath::enqueue(Instant now, Direction direction, std::span<const ByteView> pieces,
                         const Offload& offload) {
  if (direction == Direction::kBToA || impl_->boxes.empty()) {
    impl_->enter_path(now, direction, pieces, offload);
    return;
  }
  Packet packet = joined(pieces);
  const auto super = SuperSegment::parse(packet, offload);
  if (!super) {
    complete(packet, offload);
    impl_->enter_boxes(now, std::move(packet));
    return;
  }
  for (std::size_t i = 0; i < super->count(); ++i) {
    Packet piece(super->size(i));
    super->emit(i, piece.data(), false);
    impl_->enter_boxes(now, std::move(piece));
  }
}

Instant DuplexPath::next_deadline(Direction direction) const {
  const Instant due = impl_->path(direction).next_deadline();
  if (direction == Direction::kAToB || impl_->replies_to_a.empty()) return due;
  return earlier(due, impl_->replies_to_a.front().due);
}

bool DuplexPath::dequeue(Instant now, Direction direction, Delivery* out) {
  if (direction == Direction::kBToA && !impl_->boxes.empty()) return impl_->leave_boxes(now, out);
  if (!impl_->path(direction).dequeue(now, out)) return false;
  if (!impl_->completes_checksums[index_of(direction)]) return true;
  if (out->offload.checksum != Offload::Checksum::kPartial) return true;
  impl_->held.assign(out->bytes.begin(), out->bytes.end());
  complete(impl_->held, out->offload);
  *out = {impl_->held, {}, out->is_corrupted};
  return true;
}

const PathStatistics& DuplexPath::statistics(Direction direction) const {
  const std::size_t i = index_of(direction);
  impl_->statistics[i] = impl_->paths[i].statistics();
  impl_->statistics[i].box_dropped = impl_->box_dropped[i];
  return impl_->statistics[i];
}

}  // namespace oriel::sim
