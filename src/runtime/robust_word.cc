// The thread's list as the C library registers it with the kernel (get_robust_list(2)). The library
// puts new nodes in front, so that a node of ours that found the list empty stays the last one.
#include "runtime/robust_word.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace oriel::runtime {
namespace {

/// As the kernel: a list that is longer is not walked to its end.
constexpr int kNodesMax = ROBUST_LIST_LIMIT;
/// A link's lowest bit says something about the word of the node that it points to.
constexpr std::uintptr_t kMark = 1;
constexpr long kWordOffset = -static_cast<long>(kRobustWordBefore);

robust_list_head* list_of_this_thread() {
  robust_list_head* head = nullptr;
  std::size_t bytes = 0;
  if (::syscall(SYS_get_robust_list, 0, &head, &bytes) != 0) return nullptr;
  return bytes == sizeof *head ? head : nullptr;
}

/// What the word holds while this thread holds it. Sleepers cannot say that they sleep, because
/// they only read the word; so it always says that there are some.
std::uint32_t held_by_this_thread() {
  return static_cast<std::uint32_t>(::syscall(SYS_gettid)) | FUTEX_WAITERS;
}

void** link_at(void* next) {
  return reinterpret_cast<void**>(reinterpret_cast<std::uintptr_t>(next) & ~kMark);
}

}  // namespace

// The kernel follows `next` only, and reads it when this thread has stopped: the order of the
// stores is for the compiler. The word comes last, so that whoever sees it held may rely on it.
bool hold_robustly(std::atomic<std::uint32_t>& word, RobustNode& node) {
  const auto* at = reinterpret_cast<const std::uint8_t*>(&node.next);
  if (reinterpret_cast<const std::uint8_t*>(&word) + kRobustWordBefore != at) return false;
  robust_list_head* head = list_of_this_thread();
  if (head == nullptr || head->futex_offset != kWordOffset) return false;
  auto** first = reinterpret_cast<void**>(&head->list.next);
  if (*first != first) return false;
  node.before = first;
  node.next = first;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  *first = &node.next;
  word.store(held_by_this_thread(), std::memory_order_release);
  return true;
}

void let_go_robustly(std::atomic<std::uint32_t>& word, RobustNode& node) {
  if (word.load(std::memory_order_relaxed) != held_by_this_thread()) return;
  robust_list_head* head = list_of_this_thread();
  void** link = reinterpret_cast<void**>(&head->list.next);
  for (int i = 0; i < kNodesMax && link_at(*link) != &node.next; ++i) link = link_at(*link);
  if (link_at(*link) == &node.next) *link = node.next;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  word.store(0, std::memory_order_release);
}

bool has_holder_died(std::uint32_t value) {
  return (value & FUTEX_OWNER_DIED) != 0;
}

}  // namespace oriel::runtime
