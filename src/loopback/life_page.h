// A page that shows other processes whether a host lives: they may read it, sleep at it, and are
// told of its death by the kernel, before the host's memory and descriptors go.
//
//   the host's own mapping                        another process's
//   +-- file, sealed -------------------------+   (read-only)
//   |             ... word: thread, or "died" |-> looks and sleeps at the word
//   +-- private memory -----------------------+
//   | node ...   (addresses: shown to nobody) |
//   +-----------------------------------------+
//
// One for each host, however many connections it has. It only ever says "died", and a host that
// says so falsely ends its own connections; that it says nothing proves nothing, because a page may
// be missing, or may have been let go of. The link's hang-up stays the authority.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "loopback/memory_file.h"
#include "runtime/futex.h"
#include "runtime/robust_word.h"

namespace oriel::loopback {

/// Two parts; each is a multiple of the size of a page everywhere, and one page of it is used.
inline constexpr std::size_t kLifePartBytes = 65536;
inline constexpr std::size_t kLifePageBytes = 2 * kLifePartBytes;
inline constexpr std::size_t kLifeNodeAt = kLifePartBytes;
inline constexpr std::size_t kLifeWordAt =
    kLifeNodeAt + offsetof(runtime::RobustNode, next) - runtime::kRobustWordBefore;
static_assert(kLifeWordAt + sizeof(std::uint32_t) <= kLifePartBytes);

/// A host's own.
class LifePage {
 public:
  LifePage() = default;  ///< none: it shows nothing
  /// Errors: kNoBuffers.
  static Result<LifePage> create();
  explicit operator bool() const { return static_cast<bool>(file_); }
  /// To hand to other processes.
  int fd() const { return file_.fd(); }
  /// The calling thread is the one whose death counts, if the system allows it. It must let go
  /// before it ends in order, and before the page goes.
  void hold();
  void let_go();

 private:
  explicit LifePage(MemoryFile&& file) : file_(std::move(file)) {}
  std::atomic<std::uint32_t>& word();
  runtime::RobustNode& node();
  MemoryFile file_;
};

/// What a sleep is to do about a life.
enum class LifeLook : std::uint8_t {
  kNone,     ///< it has no word
  kWatch,    ///< sleep at the word, too
  kChanged,  ///< the word is another than was seen, and shows no death
  kDied,     ///< do not sleep
};

/// A word changes when its host's thread takes it, and when that lets go of it. More often:
/// somebody plays with it, and who waits leaves it out.
inline constexpr std::uint32_t kLifeChangesMax = 2;

/// Another host's, mapped by the caller for as long as this is used; nothing in it is trusted.
/// Thread: any.
class LifeSign {
 public:
  LifeSign() = default;  ///< of nobody: never died
  explicit LifeSign(const MemoryFile& page);
  /// To sleep at; nullptr: of nobody.
  const std::atomic<std::uint32_t>* word() const { return word_; }
  /// 0: nobody holds it yet, or any more.
  std::uint32_t value() const {
    return word_ == nullptr ? 0 : word_->load(std::memory_order_acquire);
  }
  bool has_died() const { return runtime::has_holder_died(value()); }
  /// `seen`: the value by the look before. One look says all: a death between two would be taken
  /// for another change, and nobody would tell of it.
  LifeLook look(std::uint32_t seen) const {
    if (word_ == nullptr) return LifeLook::kNone;
    const std::uint32_t now = value();
    if (runtime::has_holder_died(now)) return LifeLook::kDied;
    return now == seen ? LifeLook::kWatch : LifeLook::kChanged;
  }
  /// The kernel wakes one of all processes' sleepers: that one wakes the others.
  void tell_others() const {
    if (word_ != nullptr) runtime::futex_wake_shared(word_);
  }

 private:
  const std::atomic<std::uint32_t>* word_ = nullptr;
};

}  // namespace oriel::loopback
