// Another process as fast connections see it: its memory files, mapped read-only, those of ours
// that it has, and the link over which the two talk about them.
//
// Pipes hold it, so its memory stays mapped while one of them may look there. When the link is gone
// nothing is sent any more.
#pragma once

#include <cstdint>
#include <vector>

#include "loopback/end_store.h"
#include "loopback/life_page.h"
#include "loopback/peer_link.h"
#include "loopback/ring_message.h"

namespace oriel::loopback {

/// Files of one process: more ends than one host may have.
inline constexpr std::uint32_t kFarFilesMax = 1024;

class FarSide {
 public:
  FarSide(std::uint32_t link, PeerLink& wire) : link_(link), wire_(&wire) {}

  std::uint32_t link() const { return link_; }
  bool is_gone() const { return wire_ == nullptr; }
  void on_gone() { wire_ = nullptr; }

  void send(const RingMessage& message) {
    if (wire_ != nullptr) wire_->send_message(message, -1);
  }
  /// Hands over the file that the slot lies in, if it has not been.
  void give(const EndStore& store, std::uint32_t slot);
  /// Likewise the page that shows our life. Requires: a file went before it.
  void give(const LifePage& life);
  /// A file of the other process's: they come in order. False: refused.
  bool take(std::uint32_t number, runtime::UniqueFd fd);
  /// The page that shows the other process's life: the first counts.
  void take_life(runtime::UniqueFd fd);
  LifeSign life() const { return LifeSign(life_); }
  /// The end in that slot; without a control: we have no such file.
  PeerEnd end(std::uint32_t slot) const;

 private:
  const std::uint32_t link_;
  PeerLink* wire_;
  std::uint32_t given_ = 0;         // files of ours
  std::vector<MemoryFile> theirs_;  // by number
  bool is_life_given_ = false;
  MemoryFile life_;  // theirs
};

}  // namespace oriel::loopback
