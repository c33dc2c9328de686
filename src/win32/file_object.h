// What overlapped requests are issued on: files and sockets.
//
// Association with a completion port happens once and for the object's life; so completions read it
// without a lock.
#pragma once

#include <atomic>
#include <cstdint>

#include "oriel/time.h"
#include "runtime/completion_port.h"
#include "runtime/lock.h"
#include "win32/object.h"

// The Windows types, last: their macros stay out of the others.
#include <minwinbase.h>

namespace oriel::win32 {

class FileObject : public Object {
 public:
  using Object::Object;
  ~FileObject() override;

  static constexpr bool is_kind(ObjectKind kind) {
    return kind == ObjectKind::kFile || kind == ObjectKind::kSocket ||
           kind == ObjectKind::kLayeredSocket;
  }

  /// Completions go to `port` with `key` from now on. False: it is associated already.
  bool associate(Ref<runtime::CompletionPort> port, ULONG_PTR key);
  /// nullptr: not associated. Valid as long as this object.
  runtime::CompletionPort* port() const { return port_.load(std::memory_order_acquire); }
  ULONG_PTR key() const { return key_; }

  /// FILE_SKIP_ bits; they are only ever added.
  void add_modes(UCHAR modes) { modes_.fetch_or(modes, std::memory_order_relaxed); }
  UCHAR modes() const { return modes_.load(std::memory_order_relaxed); }

  /// Asks for the end of the request of `which` (nullptr: of all) that `thread_id` (0: any thread)
  /// issued. They complete as usual, with STATUS_CANCELLED. False: there was none.
  virtual bool cancel_io(OVERLAPPED* which, std::uint32_t thread_id);

  /// ReadFile and WriteFile. They set the last error; the default refuses.
  virtual BOOL read(void* to, DWORD size, DWORD* bytes, OVERLAPPED* overlapped);
  virtual BOOL write(const void* from, DWORD size, DWORD* bytes, OVERLAPPED* overlapped);

  /// Blocks until `overlapped`'s status is no longer pending. False: `deadline` passed first, or
  /// `is_alertable` and the thread has calls to run. For requests without an event.
  bool wait_for_completion(const OVERLAPPED& overlapped, Instant deadline,
                           bool is_alertable = false);
  /// A request has completed: who waits here looks. Never blocks.
  void note_completion();

 private:
  runtime::Lock lock_;  ///< of associating
  std::atomic<runtime::CompletionPort*> port_{nullptr};
  ULONG_PTR key_ = 0;
  std::atomic<UCHAR> modes_{0};
  std::atomic<std::uint32_t> completions_{0};
  std::atomic<std::uint32_t> waiting_{0};
};

}  // namespace oriel::win32
