// A registration of one WSK client: WskRegister to WskDeregister.
//
// It holds the process's host from the first capture on. WskDeregister waits until every capture
// is released, every call through the provider's table has returned and every socket is closed.
// Clients are found by address, so one that is gone is refused, not touched.
#pragma once

#include <wsk.h>

#include <atomic>
#include <memory>

#include "runtime/lock.h"
#include "runtime/ref.h"
#include "stack/host_impl.h"

namespace oriel::wsk {

class Socket;

class Client final : public runtime::RefCounted {
 public:
  explicit Client(const WSK_CLIENT_NPI& npi);
  ~Client() override;

  const WSK_CLIENT_NPI& npi() const { return npi_; }
  USHORT version() const { return npi_.Dispatch->Version; }

  /// One capture more. STATUS_DEVICE_NOT_READY: there is no stack, or it is being deregistered;
  /// waits for that long at most.
  NTSTATUS capture(ULONG timeout_ms);
  void release_capture();
  /// Refuses captures from now on, and waits for everything.
  void deregister();

  /// The host of its sockets; nullptr: nothing was captured yet.
  std::shared_ptr<stack::HostImpl> host() const;

  /// Calls through the provider's table; false: being deregistered with nothing captured.
  bool begin_call();
  void end_call() { count(calls_, -1); }
  void note_socket_made(bool is_own) {
    if (!is_own) has_made_sockets_.store(true, std::memory_order_relaxed);
    count(sockets_, 1);
  }
  void note_socket_closed() { count(sockets_, -1); }
  bool has_made_sockets() const { return has_made_sockets_.load(std::memory_order_relaxed); }

  ULONG static_events() const { return static_events_.load(std::memory_order_relaxed); }
  void set_static_events(ULONG mask) { static_events_.store(mask, std::memory_order_relaxed); }

  /// What carries the client's own IRPs: a basic socket that no program sees.
  runtime::Ref<Socket> own_socket();

 private:
  using Count = std::uint32_t;
  bool acquire_host(bool is_quiet);
  void count(Count& which, int change);
  bool is_idle() const { return captures_ == 0 && sockets_ == 0 && calls_ == 0; }
  void wait_for_change(std::uint32_t seen, Instant deadline);
  void close_own_socket();

  const WSK_CLIENT_NPI npi_;
  std::atomic<bool> has_made_sockets_{false};
  std::atomic<ULONG> static_events_{0};

  mutable runtime::Lock lock_;  // all below but changes_
  Count captures_ = 0;
  Count sockets_ = 0;
  Count calls_ = 0;
  bool is_deregistered_ = false;
  bool has_host_ = false;
  std::shared_ptr<stack::HostImpl> host_;
  runtime::Ref<Socket> own_socket_;
  std::atomic<std::uint32_t> changes_{0};  // counts, for those who wait
};

/// Clients that are registered. Thread: any.
void add_client(const runtime::Ref<Client>& client);
runtime::Ref<Client> find_client(const void* client);
void remove_client(const Client& client);

}  // namespace oriel::wsk
