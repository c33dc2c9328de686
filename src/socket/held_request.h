// A connection request that nobody has answered: a listener in conditional mode holds it until the
// program decides.
//
//   Listener::hold --> held_ --try_take_held, or a Request that asks--> the program
//                         `--a plain Request, or Listener::permit--> permit() --> half_open_
//
// It passes as a Transport, so that those who look after connections that wait look after it as
// well: `abort` refuses it (the peer hears a reset), `has_ended` says that the peer has gone, and
// whoever has it lets go with `detach`, which frees it.
#pragma once

#include "socket/placeholder.h"

namespace oriel::socket {

class HeldRequest : public Placeholder {
 public:
  using Placeholder::Placeholder;
  virtual ~HeldRequest() = default;

  HeldRequest* as_held() override { return this; }
  /// The program lets it in: the connection that it becomes, in its handshake or open, without a
  /// user. nullptr: the peer has gone, or there is no room. Frees the request.
  virtual Transport* permit() = 0;
};

}  // namespace oriel::socket
