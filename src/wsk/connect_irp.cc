// A connection counts as made before anybody hears of it, so that a client's next call finds it.
#include "wsk/connect_irp.h"

#include <utility>

#include "wsk/socket.h"

namespace oriel::wsk {

ConnectIrp::ConnectIrp(runtime::Ref<Socket> socket, IRP& irp)
    : StreamIrp(std::move(socket), irp, Kind::kConnect) {}

bool ConnectIrp::go_on() {
  if (kind != Kind::kConnect) return false;
  socket().note_connected();
  if (size == 0) return false;
  kind = Kind::kSendBorrowed;
  socket().stream()->submit(socket().host().core().now(), *this);
  return true;
}

Outcome ConnectIrp::settle() {
  return {status_of(error), error == ErrorCode::kOk ? done : 0};
}

}  // namespace oriel::wsk
