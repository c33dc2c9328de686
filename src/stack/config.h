// Settings become the plain numbers of the protocols: the only file that knows both.
#pragma once

#include "ip/settings.h"
#include "oriel/host.h"
#include "oriel/settings.h"
#include "tcp/tcp_config.h"

namespace oriel::stack {

/// Host-wide TCP numbers. Values outside what RFC or field allow are brought to the nearest allowed
/// one.
tcp::TcpConfig tcp_config(const HostSettings& settings);
/// The same for a socket that asked for scaling on a host that does not offer it.
tcp::TcpConfig tcp_config_with_scaling(const HostSettings& settings);
tcp::TcpSocketOptions socket_options(const TcpOptionsForSocket& options);
ip::Settings ip_settings(const HostSettings& settings);

}  // namespace oriel::stack
