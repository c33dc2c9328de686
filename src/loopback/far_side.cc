// Files go over once each, in the order of their numbers.
#include "loopback/far_side.h"

namespace oriel::loopback {

void FarSide::give(const EndStore& store, std::uint32_t slot) {
  for (; wire_ != nullptr && given_ <= slot / kSlotsPerFile; ++given_) {
    RingMessage message;
    message.kind = MessageKind::kRingFile;
    message.slot = given_;
    wire_->send_message(message, store.file(given_)->fd());
  }
}

bool FarSide::take(std::uint32_t number, runtime::UniqueFd fd) {
  if (number != theirs_.size() || number >= kFarFilesMax || !fd) return false;
  auto file = MemoryFile::open(fd.release(), kFileBytes);
  if (!file) return false;
  theirs_.push_back(std::move(*file));
  return true;
}

// Behind the first file, because who knows no such message would not know a link that begins with
// it.
void FarSide::give(const LifePage& life) {
  if (is_life_given_ || wire_ == nullptr || !life) return;
  is_life_given_ = true;
  RingMessage message;
  message.kind = MessageKind::kRingLife;
  wire_->send_message(message, life.fd());
}

// One that is not as it should be shows nothing; then the link's hang-up tells, as without one.
void FarSide::take_life(runtime::UniqueFd fd) {
  if (life_ || !fd) return;
  auto page = MemoryFile::open(fd.release(), kLifePageBytes);
  if (!page) return;
  life_ = std::move(*page);
  life_.close_fd();
}

PeerEnd FarSide::end(std::uint32_t slot) const {
  const std::uint32_t file = slot / kSlotsPerFile;
  if (file >= theirs_.size()) return {};
  return PeerEnd::at(theirs_[file].view(), slot % kSlotsPerFile);
}

}  // namespace oriel::loopback
