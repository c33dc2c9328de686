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

std::atomic<bool> is_acquired{false};  // written under the provider's lock

struct Open {
  HANDLE handle;
  win32::Ref<Socket> socket;
};
using Sockets = std::vector<Open>;

void note_socket(HANDLE handle, win32::Object& object, void* context) {
  if (!Socket::is_kind(object.kind())) return;
  auto& all = *static_cast<Sockets*>(context);
  all.push_back({handle, win32::Ref<Socket>(static_cast<Socket*>(&object))});
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

// What is open is closed and its handle freed, as closesocket would (documented).
void close_base_provider() {
  const auto host = provider_host();
  set_provider_host(nullptr);
  Sockets all;
  win32::handles().for_each(note_socket, &all);
  if (host != nullptr) {
    // In one turn: what is pending anywhere is aborted before anybody hears that a peer has closed.
    stack::HostImpl::Turn turn(*host);
    for (const Open& open : all) {
      if (&open.socket->host() == host.get()) open.socket->close(turn.core());
    }
  }
  for (const Open& open : all) {
    if (&open.socket->host() == host.get()) win32::handles().close(open.handle);
  }
  all.clear();
  if (is_acquired.exchange(false)) stack::ProcessHost::release();
}

}  // namespace oriel::winsock
