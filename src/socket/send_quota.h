// When is a send taken, whole, into the send buffer, and when must it wait? The rule of Windows
// (Microsoft KB 214397): within the quota it is; over the quota it still is while at most one
// earlier send is unacknowledged; else it waits until one of both holds again.
//
//   bytes:  acked        previous_end_   last_end_ = queued
//             |  ...  |send|send|send|send|
//   at most one send is outstanding  <=>  previous_end_ <= acked
//
// So a send of any size can begin on an idle connection, and the two newest ends are all that must
// be remembered.
#pragma once

#include <cstdint>

namespace oriel::socket {

class SendQuota {
 public:
  /// May a send begin? `room_bytes`: of the quota, not used.
  bool may_begin(std::uint64_t room_bytes, std::uint64_t bytes_acked) const {
    return room_bytes != 0 || previous_end_ <= bytes_acked;
  }
  /// A send of at least one byte has begun and will end there in the stream.
  void on_begin(std::uint64_t end) {
    previous_end_ = last_end_;
    last_end_ = end;
  }

 private:
  std::uint64_t previous_end_ = 0;
  std::uint64_t last_end_ = 0;
};

}  // namespace oriel::socket
