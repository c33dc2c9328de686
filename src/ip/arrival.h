// What the steps of one packet's input share. Lives on the stack for one call of Input::input.
#pragma once

#include <cstddef>

#include "base/buffer.h"
#include "ip/input.h"

namespace oriel::ip {

struct Input::Arrival {
  Instant now;
  const Interface& in;
  Slice packet;            ///< shrinks from the frame to the IP packet
  const Offload& offload;  ///< counts from the frame
  Delivery& out;
  std::size_t consumed_bytes = 0;  ///< link header taken off `packet`
  bool is_link_multicast = false;
  bool is_group = false;        ///< IP destination is multicast or broadcast
  bool is_reassembled = false;  ///< `offload` says nothing about these bytes
  MacAddress link_source;
};

}  // namespace oriel::ip
