// Counting what a client has, and waiting until it has nothing.
#include "wsk/client.h"

#include <algorithm>
#include <climits>
#include <cstdio>
#include <utility>
#include <vector>

#include "runtime/clock.h"
#include "runtime/park.h"
#include "stack/process_host.h"
#include "wsk/socket.h"

namespace oriel::wsk {
namespace {

struct Registry {
  runtime::Lock lock;
  std::vector<runtime::Ref<Client>> clients;
};

Registry& registry() {
  static Registry* const the = new Registry;  // outlives every thread
  return *the;
}

}  // namespace

void add_client(const runtime::Ref<Client>& client) {
  const runtime::LockHold hold(registry().lock);
  registry().clients.push_back(client);
}

runtime::Ref<Client> find_client(const void* client) {
  const runtime::LockHold hold(registry().lock);
  for (const auto& one : registry().clients) {
    if (one.get() == client) return one;
  }
  return {};
}

void remove_client(const Client& client) {
  const runtime::LockHold hold(registry().lock);
  std::erase_if(registry().clients, [&](const auto& one) { return one.get() == &client; });
}

Client::Client(const WSK_CLIENT_NPI& npi) : npi_(npi) {}
Client::~Client() = default;

void Client::count(Count& which, int change) {
  {
    const runtime::LockHold hold(lock_);
    which = static_cast<Count>(static_cast<int>(which) + change);
    changes_.fetch_add(1, std::memory_order_relaxed);
  }
  runtime::unpark(&changes_, INT_MAX);
}

void Client::wait_for_change(std::uint32_t seen, Instant deadline) {
  runtime::park(changes_, seen, deadline);
}

// The host is made outside the lock, so of two threads that both do, one has it for nothing.
bool Client::acquire_host(bool is_quiet) {
  {
    const runtime::LockHold hold(lock_);
    if (has_host_ || is_deregistered_) return true;
  }
  if (const auto acquired = stack::ProcessHost::acquire(); !acquired) {
    // The status has one number for every fault of the environment; whoever set it needs the
    // sentence.
    if (!is_quiet) std::fprintf(stderr, "oriel: %s\n", acquired.error().message().c_str());
    return false;
  }
  {
    const runtime::LockHold hold(lock_);
    if (!has_host_ && !is_deregistered_) {
      has_host_ = true;
      host_ = stack::ProcessHost::shared();
      return true;
    }
  }
  stack::ProcessHost::release();
  return true;
}

// Without a stack there is nothing to wait for but that the client gives up.
NTSTATUS Client::capture(ULONG timeout_ms) {
  const Instant deadline = timeout_ms == WSK_INFINITE_WAIT
                               ? Instant::never()
                               : runtime::real_now() + std::chrono::milliseconds(timeout_ms);
  bool is_told = false;
  for (;;) {
    const std::uint32_t seen = changes_.load(std::memory_order_relaxed);
    if (acquire_host(is_told)) {
      const runtime::LockHold hold(lock_);
      if (is_deregistered_) return STATUS_DEVICE_NOT_READY;
      ++captures_;
      return STATUS_SUCCESS;
    }
    is_told = true;
    if (runtime::real_now() >= deadline) return STATUS_DEVICE_NOT_READY;
    wait_for_change(seen, deadline);
  }
}

void Client::release_capture() {
  bool is_held = false;
  {
    const runtime::LockHold hold(lock_);
    is_held = captures_ != 0;
  }
  if (is_held) count(captures_, -1);
}

std::shared_ptr<stack::HostImpl> Client::host() const {
  const runtime::LockHold hold(lock_);
  return host_;
}

bool Client::begin_call() {
  const runtime::LockHold hold(lock_);
  if (!has_host_) return false;
  ++calls_;
  return true;
}

runtime::Ref<Socket> Client::own_socket() {
  {
    const runtime::LockHold hold(lock_);
    if (own_socket_) return own_socket_;
  }
  Socket::Setup setup;
  setup.is_own = true;
  auto made = runtime::make_ref<Socket>(runtime::Ref<Client>(this), setup);
  {
    const runtime::LockHold hold(lock_);
    if (!own_socket_) std::swap(own_socket_, made);
  }
  if (made) made->note_ended();  // another thread was first
  const runtime::LockHold hold(lock_);
  return own_socket_;
}

void Client::close_own_socket() {
  runtime::Ref<Socket> socket;
  {
    const runtime::LockHold hold(lock_);
    std::swap(socket, own_socket_);
  }
  if (!socket) return;
  {
    stack::HostImpl::Turn turn(socket->host());
    socket->close(turn.core());
  }
  socket->note_ended();
}

void Client::deregister() {
  {
    const runtime::LockHold hold(lock_);
    is_deregistered_ = true;
    changes_.fetch_add(1, std::memory_order_relaxed);
  }
  runtime::unpark(&changes_, INT_MAX);
  close_own_socket();
  for (;;) {
    const std::uint32_t seen = changes_.load(std::memory_order_relaxed);
    {
      const runtime::LockHold hold(lock_);
      if (is_idle()) break;
    }
    wait_for_change(seen, Instant::never());
  }
  bool has_host = false;
  {
    const runtime::LockHold hold(lock_);
    has_host = std::exchange(has_host_, false);
    host_ = nullptr;
  }
  if (has_host) stack::ProcessHost::release();
}

}  // namespace oriel::wsk
