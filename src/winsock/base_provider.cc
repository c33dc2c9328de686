// WSPStartup and WSPCleanup of the base provider: versions, the count, the upcalls, the table.
//
// A second startup, by a layered provider above or by the program itself, shares everything with
// the first but brings the upcalls that are used from then on (documented).
#include "winsock/base_provider.h"

#include "runtime/lock.h"
#include "stack/process_host.h"
#include "winsock/base_lifetime.h"

namespace oriel::winsock {
namespace {

constexpr WORD kLowestOfSpi = MAKEWORD(2, 0);
constexpr WORD kHighestOfSpi = MAKEWORD(2, 2);

struct BaseState {
  runtime::Lock lock;
  std::uint32_t startups = 0;
  WSPUPCALLTABLE upcalls{};
};

BaseState& state() {
  static BaseState* const base = new BaseState;  // outlives every thread
  return *base;
}

// 2.3 gets 2.2, which the caller may refuse.
WORD negotiate_spi(WORD asked) {
  if (LOBYTE(asked) < LOBYTE(kLowestOfSpi)) return 0;
  if (LOBYTE(asked) > 2 || HIBYTE(asked) > HIBYTE(kHighestOfSpi)) return kHighestOfSpi;
  return asked;
}

WSPPROC_TABLE whole_table() {
  return {spi_accept,
          spi_address_to_string,
          spi_async_select,
          spi_bind,
          spi_cancel_blocking_call,
          spi_cleanup,
          spi_close_socket,
          spi_connect,
          spi_duplicate_socket,
          spi_enum_network_events,
          spi_event_select,
          spi_get_overlapped_result,
          spi_get_peer_name,
          spi_get_sock_name,
          spi_get_sock_opt,
          spi_get_qos_by_name,
          spi_ioctl,
          spi_join_leaf,
          spi_listen,
          spi_recv,
          spi_recv_disconnect,
          spi_recv_from,
          spi_select,
          spi_send,
          spi_send_disconnect,
          spi_send_to,
          spi_set_sock_opt,
          spi_shutdown,
          spi_socket,
          spi_string_to_address};
}

}  // namespace

int WSPAPI base_wsp_startup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                            WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE table) {
  if (data == nullptr || info == nullptr || table == nullptr) return WSAEFAULT;
  if (stack::ProcessHost::is_forked())
    return WSASYSNOTREADY;  // the lock's holder may be the parent's
  const WORD agreed = negotiate_spi(version);
  if (agreed == 0) return WSAVERNOTSUPPORTED;
  BaseState& base = state();
  const runtime::LockHold hold(base.lock);
  if (base.startups == 0) {
    if (const INT error = open_base_provider()) return error;
  }
  ++base.startups;
  base.upcalls = upcalls;
  *data = {};
  data->wVersion = agreed;
  data->wHighVersion = kHighestOfSpi;
  constexpr std::wstring_view kDescription = L"Oriel";
  kDescription.copy(data->szDescription, WSPDESCRIPTION_LEN);
  *table = whole_table();
  return 0;
}

int WSPAPI spi_cleanup(LPINT error) {
  if (stack::ProcessHost::is_forked()) {
    *error = WSAENETDOWN;
    return SOCKET_ERROR;
  }
  BaseState& base = state();
  const runtime::LockHold hold(base.lock);
  if (base.startups == 0) {
    *error = WSANOTINITIALISED;
    return SOCKET_ERROR;
  }
  if (--base.startups == 0) close_base_provider();
  return 0;
}

const WSPUPCALLTABLE& base_upcalls() {
  return state().upcalls;
}

}  // namespace oriel::winsock

// As mswsock exports it, for layered providers that load what lies below them. Here, so that static
// programs have it; weak, because a program may bring a WSPStartup of its own.
__attribute__((weak)) int WSPAPI WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                                            WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE table) {
  return oriel::winsock::base_wsp_startup(version, data, info, upcalls, table);
}
