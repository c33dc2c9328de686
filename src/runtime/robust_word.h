// A word that the kernel changes when the thread that holds it dies, however it dies.
//
// A dying thread walks the list of its robust words before its process's memory is taken apart and
// long before its descriptors close; so whoever sleeps at the word (perhaps in another process,
// which can only read it) is the first to be told. The list is the thread's and the C library's,
// whose robust mutexes lie on it too: a node of ours joins it by that library's rules, or not at
// all. The surprise: the kernel wakes one sleeper only, who must wake the others.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace oriel::runtime {

/// The word's place in the list. It need not be shared with whoever reads the word.
struct RobustNode {
  void* before = nullptr;  ///< where the previous node's `next` lies
  void* next = nullptr;    ///< where the next node's `next` lies
};

/// A word lies so many bytes before its node's `next`: the list has one number for all of them.
inline constexpr std::size_t kRobustWordBefore = 32;

/// The calling thread holds the word until it lets go or dies; word and node stay in place
/// meanwhile. False, and nothing is done: they are not that far apart, or this thread's list has
/// another rule or is in use.
bool hold_robustly(std::atomic<std::uint32_t>& word, RobustNode& node);
/// The word becomes 0; nobody is woken. Nothing happens unless the calling thread holds it (after a
/// fork the child's does not).
void let_go_robustly(std::atomic<std::uint32_t>& word, RobustNode& node);

/// Whether a word with that value was held by a thread that died.
bool has_holder_died(std::uint32_t value);

}  // namespace oriel::runtime
