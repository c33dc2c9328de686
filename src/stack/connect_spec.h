// What a connect asks for.
#pragma once

#include <optional>

#include "oriel/address.h"
#include "tcp/tcp_config.h"

namespace oriel::stack {

struct ConnectSpec {
  Endpoint remote;
  std::optional<Endpoint> local;  ///< bound before; port 0: any
  bool is_port_reserved = false;  ///< `local` is reserved in tcp_ports()
  tcp::TcpSocketOptions options;
  bool is_fast_path_asked = false;
};

}  // namespace oriel::stack
