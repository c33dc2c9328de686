// A fast connection that was offered to another process, with what it needs to go the ordinary way.
#pragma once

#include "loopback/offered_pipe.h"
#include "oriel/address.h"
#include "tcp/tcp_config.h"

namespace oriel::stack {

/// What a connect asks for.
struct ConnectSpec {
  Endpoint remote;
  std::optional<Endpoint> local;  ///< bound before; port 0: any
  bool is_port_reserved = false;  ///< `local` is reserved in tcp_ports()
  tcp::TcpSocketOptions options;
  bool is_fast_path_asked = false;
};

class Offer final : public loopback::OfferedPipe {
 public:
  Offer(const Endpoint& from, const ConnectSpec& s, const loopback::EndStore::Slot& own,
        std::shared_ptr<loopback::FarSide> to, Instant now)
      : OfferedPipe(from, s.remote, own, std::move(to), now), spec(s) {}

  const ConnectSpec spec;
};

}  // namespace oriel::stack
