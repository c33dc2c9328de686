// A program's condition function runs within its WSAAccept: the provider is still processing a
// callback, so that control codes asked for from within it end with WSAEINPROGRESS, as documented.
#pragma once

namespace oriel::winsock {

/// While it lives, the calling thread is in a condition function.
class ConditionCall {
 public:
  ConditionCall() { ++depth(); }
  ~ConditionCall() { --depth(); }
  ConditionCall(const ConditionCall&) = delete;
  ConditionCall& operator=(const ConditionCall&) = delete;
  static bool is_running() { return depth() != 0; }

 private:
  static int& depth() {
    // lint: allow threads: a condition function belongs to the thread that called for it
    thread_local int depth = 0;
    return depth;
  }
};

}  // namespace oriel::winsock
