// The connecting side of a fast connection whose other process has not answered yet: its maker puts
// the pipe, or a TCP stream, in its place.
#pragma once

#include "loopback/pipe_set.h"
#include "socket/placeholder.h"

namespace oriel::loopback {

class OfferedPipe : public socket::Placeholder {
 public:
  OfferedPipe(const Endpoint& from, const Endpoint& to, const EndStore::Slot& own,
              std::shared_ptr<FarSide> other, Instant now)
      : Placeholder(from, to, now), own_slot(own), across(std::move(other)) {}

  const EndStore::Slot own_slot;
  const std::shared_ptr<FarSide> across;
  bool is_answered = false;

  std::uint32_t ideal_send_backlog() const override { return Pipe::kIdealSendBacklog; }
  void fill_info(Instant now, TcpInfo& info) const override {
    Placeholder::fill_info(now, info);
    info.path = ConnectionPath::kFast;
    info.path_reason = PathReason::kFast;
  }

 protected:
  ~OfferedPipe() = default;
};

}  // namespace oriel::loopback
