// The process's host comes and goes with the provider.
#include "winsock/base_lifetime.h"

#include <atomic>
#include <cstdio>
#include <vector>

#include "stack/process_host.h"
#include "win32/handle_table.h"
#include "winsock/provider_host.h"
#include "winsock/socket.h"

namespace oriel::winsock {
namespace {

using Sockets = std::vector<win32::Ref<Socket>>;

std::atomic<bool> is_acquired{false};  // written under the provider's lock

void note_socket(win32::Object& object, void* context) {
  if (!Socket::is_kind(object.kind())) return;
  static_cast<Sockets*>(context)->emplace_back(static_cast<Socket*>(&object));
}

}  // namespace

INT open_base_provider() {
  if (provider_host() != nullptr) return 0;  // given, and the giver's to end
  if (const auto acquired = stack::ProcessHost::acquire(); !acquired) {
    // WSAStartup has one number for every fault of the environment; whoever set it needs the
    // sentence.
    std::fprintf(stderr, "oriel: %s\n", acquired.error().message().c_str());
    return WSASYSNOTREADY;
  }
  is_acquired = true;
  set_provider_host(stack::ProcessHost::shared());
  return 0;
}

bool has_process_host() {
  return is_acquired;
}

// Handles stay valid words; what was behind them is closed as closesocket would.
void close_base_provider() {
  const auto host = provider_host();
  set_provider_host(nullptr);
  Sockets all;
  win32::handles().for_each(note_socket, &all);
  if (host != nullptr) {
    // In one turn: what is pending anywhere is aborted before anybody hears that a peer has closed.
    stack::HostImpl::Turn turn(*host);
    for (const auto& socket : all) {
      if (&socket->host() == host.get()) socket->close(turn.core());
    }
  }
  all.clear();
  if (is_acquired.exchange(false)) stack::ProcessHost::release();
}

}  // namespace oriel::winsock
