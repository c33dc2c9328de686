// getaddrinfo as values: what was asked, checked; and the addresses that answer it.
//
// One answer feeds all forms of the call (A, W, ExA, ExW). Errors are WSA numbers, which are EAI's
// on Windows.
#pragma once

#include <winsock2.h>
#include <ws2tcpip.h>

#include <optional>
#include <string>
#include <vector>

#include "runtime/name_service.h"

namespace oriel::winsock {

struct AddressQuery {
  std::optional<std::string> node, service;
  int flags = 0;
  int family = AF_UNSPEC;
  int type = 0;
  int protocol = 0;
};

struct AddressAnswer {
  struct Row {
    SOCKADDR_INET address{};
    int type = 0;
    int protocol = 0;
  };
  std::vector<Row> rows;
  std::optional<std::string> canonical;  ///< asked for by AI_CANONNAME or AI_FQDN
};

/// 0, or EAI_NONAME, EAI_BADFLAGS, EAI_FAMILY, EAI_SOCKTYPE, EAI_SERVICE, EAI_AGAIN, EAI_FAIL,
/// EAI_MEMORY. IPv6 comes first for loopback and the unspecified address; other addresses in the
/// order of whoever answered.
INT answer_query(const AddressQuery& query, AddressAnswer& answer);

}  // namespace oriel::winsock
