// The thread that reads files for transmissions, so that nobody who works in the protocols waits
// for a disk.
//
// It runs while there is something to read and ends then; a file of a transmission is read in
// pieces, one at a time, so that many transmissions share it.
#pragma once

#include "base/intrusive_list.h"

namespace oriel::winsock {

struct OfReader {};

/// Something that wants to read.
class ReadJob : public ListHook<OfReader> {
 public:
  /// Reads its piece and gives it on; it may queue itself again. Thread: the reader's.
  virtual void read() = 0;

 protected:
  ~ReadJob() = default;
};

/// Runs `job` once, after those that came before. Never blocks on a file. False: the system has no
/// thread left. Thread: any.
bool queue_read(ReadJob& job);

}  // namespace oriel::winsock
