// Which GUID is which function.
#include "winsock/extensions.h"

#include <cstring>

#include "win32/last_error.h"
#include "winsock/base_provider.h"

namespace oriel::winsock {
namespace {

int WSAAPI poll(LPWSAPOLLFD fds, ULONG count, INT timeout_ms) {
  INT error = 0;
  const int ready = base_poll(fds, count, timeout_ms, &error);
  if (ready == SOCKET_ERROR) win32::set_last_error(static_cast<DWORD>(error));
  return ready;
}

struct Row {
  GUID id;
  void* function;
};

template <class Function>
Row row(const GUID& id, Function* function) {
  return {id, reinterpret_cast<void*>(function)};
}

}  // namespace

void* find_extension(const GUID& id) {
  static const Row rows[] = {
      row(WSAID_ACCEPTEX, accept_ex),
      row(WSAID_GETACCEPTEXSOCKADDRS, get_accept_ex_sockaddrs),
      row(WSAID_CONNECTEX, connect_ex),
      row(WSAID_DISCONNECTEX, disconnect_ex),
      row(WSAID_WSARECVMSG, receive_message),
      row(WSAID_WSASENDMSG, send_message),
      row(WSAID_TRANSMITFILE, transmit_file),
      row(WSAID_TRANSMITPACKETS, transmit_packets),
      row(WSAID_WSAPOLL, poll),
  };
  for (const Row& r : rows) {
    if (std::memcmp(&r.id, &id, sizeof id) == 0) return r.function;
  }
  return nullptr;
}

}  // namespace oriel::winsock
