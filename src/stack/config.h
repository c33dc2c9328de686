// Settings become the plain numbers of the protocols: the only file that knows both.
#pragma once

#include "ip/settings.h"
#include "oriel/host.h"
#include "oriel/settings.h"
#include "tcp/compat_policy.h"
#include "tcp/tcp_config.h"

namespace oriel::stack {

/// TCP's numbers for connections over one link. Values outside what RFC or field allow are brought
/// to the nearest allowed one.
tcp::TcpConfig tcp_config(const HostSettings& settings, const tcp::LinkFacts& link = {});
tcp::TcpSocketOptions socket_options(const TcpOptionsForSocket& options);
/// The receive buffer size that a program is shown of a connection which it set none for: tuning
/// does not show.
std::uint32_t shown_rcv_buffer(const TcpInfo& info);
ip::Settings ip_settings(const HostSettings& settings);

}  // namespace oriel::stack
