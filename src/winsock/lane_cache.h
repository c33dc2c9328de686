// Lanes that a thread remembers by the handles of its sockets, so that send and recv on a fast
// connection take neither a turn nor a lock of the handle table.
//
// The base provider offers a lane at the end of a call that went the usual way; the API takes the
// offer only where nothing is layered over the base provider, because a layer must see every call.
// A remembered lane of a socket that was closed moves nothing, so a stale one costs a usual call.
#pragma once

#include <winsock2.h>

#include <memory>

#include "socket/lane.h"

namespace oriel::winsock {

/// What a send went past the turn.
struct LaneSent {
  int bytes = 0;
  bool is_all = false;  ///< the call is done; else the rest goes the usual way
};
LaneSent send_by_lane(SOCKET s, const char* bytes, int length);
/// 0: nothing, go the usual way.
int receive_by_lane(SOCKET s, char* bytes, int length);

/// The base provider's, inside a turn; empty: none.
void offer_lane(SOCKET s, std::shared_ptr<socket::Lane> lane);

/// Around a call of a provider's table: takes what the base provider offered in it.
class LaneOffers {
 public:
  explicit LaneOffers(SOCKET s);
  ~LaneOffers();
  LaneOffers(const LaneOffers&) = delete;
  LaneOffers& operator=(const LaneOffers&) = delete;

 private:
  const SOCKET s_;
};

}  // namespace oriel::winsock
