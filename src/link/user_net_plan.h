// The addresses of the `user` network, in libslirp's words.
#pragma once

#include <slirp/libslirp.h>

#include "oriel/link.h"

namespace oriel::link {

/// Both networks, the gateway and the name server of user_net_plan(); no DHCP, no TFTP.
SlirpConfig slirp_config(const UserNetOptions& options);

}  // namespace oriel::link
