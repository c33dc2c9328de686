// A WSK client as a driver would be one, for cases of support/win_case.h: registration, IRPs that
// can be waited for, buffers, sockets.
#pragma once

#include <ntddk.h>
#include <wsk.h>
// behind it
#include <mstcpip.h>

#include <atomic>
#include <cstring>
#include <string>
#include <vector>

#include "support/win_case.h"

namespace wsk_case {

/// An IRP of the case's own; its routine notes the end.
class Irp {
 public:
  Irp() : irp_(IoAllocateIrp(1, FALSE)) { arm(); }
  ~Irp() { IoFreeIrp(irp_); }
  Irp(const Irp&) = delete;
  Irp& operator=(const Irp&) = delete;

  /// For the next call.
  PIRP arm() {
    IoReuseIrp(irp_, STATUS_SUCCESS);
    KeInitializeEvent(&event_, NotificationEvent, FALSE);
    IoSetCompletionRoutine(irp_, on_complete, this, TRUE, TRUE, TRUE);
    return irp_;
  }
  PIRP get() { return irp_; }
  /// Waits; returns what the IRP was completed with.
  NTSTATUS wait() {
    KeWaitForSingleObject(&event_, Executive, KernelMode, FALSE, nullptr);
    return irp_->IoStatus.Status;
  }
  bool is_done() { return KeReadStateEvent(&event_) != 0; }
  ULONG_PTR information() const { return irp_->IoStatus.Information; }
  PWSK_SOCKET socket() const { return reinterpret_cast<PWSK_SOCKET>(information()); }

  std::atomic<int> completions{0};
  std::atomic<KIRQL> level{PASSIVE_LEVEL};
  std::atomic<bool> has_pended{false};  // said to the routine, by PendingReturned

 private:
  static NTSTATUS NTAPI on_complete(PDEVICE_OBJECT, PIRP irp, PVOID context) {
    auto* self = static_cast<Irp*>(context);
    self->level = KeGetCurrentIrql();
    self->has_pended = irp->PendingReturned != FALSE;
    ++self->completions;
    KeSetEvent(&self->event_, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
  }

  PIRP irp_;
  KEVENT event_;
};

/// Calls `function(irp)` and waits: what the IRP was completed with. A status that was returned at
/// once must be the same, and the routine have run: drivers use the IRP again then.
template <class Function>
NTSTATUS run(Irp& irp, Function&& function) {
  const NTSTATUS returned = function(irp.arm());
  const bool is_done = irp.is_done();
  const NTSTATUS status = irp.wait();
  CHECK_EQ(irp.has_pended, returned == STATUS_PENDING);
  if (returned != STATUS_PENDING) {
    CHECK(is_done);
    CHECK_EQ(returned, status);
  }
  return status;
}
template <class Function>
NTSTATUS run(Function&& function) {
  Irp irp;
  return run(irp, function);
}

/// Bytes with their MDL.
class Buffer {
 public:
  explicit Buffer(std::string text) : bytes(std::move(text)) { describe(); }
  explicit Buffer(std::size_t n) : bytes(n, '\0') { describe(); }
  ~Buffer() { IoFreeMdl(mdl_); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  WSK_BUF* get() { return &buf; }
  std::string first(std::size_t n) const { return bytes.substr(0, n); }

  std::string bytes;
  WSK_BUF buf{};

 private:
  void describe() {
    mdl_ = IoAllocateMdl(bytes.data(), static_cast<ULONG>(bytes.size()), FALSE, FALSE, nullptr);
    MmBuildMdlForNonPagedPool(mdl_);
    buf.Mdl = mdl_;
    buf.Length = bytes.size();
  }
  PMDL mdl_ = nullptr;
};

inline sockaddr_in address(USHORT port, ULONG host = INADDR_LOOPBACK) {
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_port = RtlUshortByteSwap(port);
  a.sin_addr.s_addr = RtlUlongByteSwap(host);
  return a;
}
inline PSOCKADDR name(sockaddr_in& a) {
  return reinterpret_cast<PSOCKADDR>(&a);
}

inline const WSK_CLIENT_DISPATCH kClientDispatch = {MAKE_WSK_VERSION(1, 0), 0, nullptr};

/// Registered, and the provider captured, for the length of a case.
class Client {
 public:
  explicit Client(PVOID context = nullptr) {
    WSK_CLIENT_NPI npi = {context, &kClientDispatch};
    CHECK_EQ(WskRegister(&npi, &registration), STATUS_SUCCESS);
    CHECK_EQ(WskCaptureProviderNPI(&registration, WSK_INFINITE_WAIT, &provider), STATUS_SUCCESS);
  }
  ~Client() {
    WskReleaseProviderNPI(&registration);
    WskDeregister(&registration);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// A TCP socket, or nullptr.
  PWSK_SOCKET socket(ULONG flags, PVOID context = nullptr, const void* dispatch = nullptr,
                     USHORT type = SOCK_STREAM, ULONG protocol = IPPROTO_TCP,
                     ADDRESS_FAMILY family = AF_INET) {
    Irp irp;
    const NTSTATUS status = run(irp, [&](PIRP i) {
      return provider.Dispatch->WskSocket(provider.Client, family, type, protocol, flags, context,
                                          dispatch, nullptr, nullptr, nullptr, i);
    });
    CHECK_EQ(status, STATUS_SUCCESS);
    return NT_SUCCESS(status) ? irp.socket() : nullptr;
  }

  WSK_REGISTRATION registration{};
  WSK_PROVIDER_NPI provider{};
};

inline const WSK_PROVIDER_BASIC_DISPATCH& basic(PWSK_SOCKET s) {
  return *static_cast<const WSK_PROVIDER_BASIC_DISPATCH*>(s->Dispatch);
}
inline const WSK_PROVIDER_CONNECTION_DISPATCH& connection(PWSK_SOCKET s) {
  return *static_cast<const WSK_PROVIDER_CONNECTION_DISPATCH*>(s->Dispatch);
}
inline const WSK_PROVIDER_LISTEN_DISPATCH& listening(PWSK_SOCKET s) {
  return *static_cast<const WSK_PROVIDER_LISTEN_DISPATCH*>(s->Dispatch);
}
inline const WSK_PROVIDER_DATAGRAM_DISPATCH& datagrams(PWSK_SOCKET s) {
  return *static_cast<const WSK_PROVIDER_DATAGRAM_DISPATCH*>(s->Dispatch);
}

inline NTSTATUS close(PWSK_SOCKET s) {
  return run([&](PIRP i) { return basic(s).WskCloseSocket(s, i); });
}
inline NTSTATUS bind(PWSK_SOCKET s, USHORT port = 0) {
  sockaddr_in local = address(port);
  return run([&](PIRP i) { return connection(s).WskBind(s, name(local), 0, i); });
}
inline NTSTATUS connect(PWSK_SOCKET s, USHORT port) {
  sockaddr_in remote = address(port);
  return run([&](PIRP i) { return connection(s).WskConnect(s, name(remote), 0, i); });
}
inline USHORT port_of_listening(PWSK_SOCKET s) {
  sockaddr_in local{};
  CHECK_EQ(run([&](PIRP i) { return listening(s).WskGetLocalAddress(s, name(local), i); }),
           STATUS_SUCCESS);
  return RtlUshortByteSwap(local.sin_port);
}
inline NTSTATUS send(PWSK_SOCKET s, const std::string& text, ULONG flags = 0) {
  Buffer buffer(text);
  return run([&](PIRP i) { return connection(s).WskSend(s, buffer.get(), flags, i); });
}
/// What one WskReceive brings; "!" and the status if it failed.
inline std::string receive(PWSK_SOCKET s, std::size_t n = 4096, ULONG flags = 0) {
  Buffer buffer(n);
  Irp irp;
  const NTSTATUS status =
      run(irp, [&](PIRP i) { return connection(s).WskReceive(s, buffer.get(), flags, i); });
  if (!NT_SUCCESS(status)) return "!" + win_case::show(status);
  return buffer.first(irp.information());
}
inline NTSTATUS control(PWSK_SOCKET s, WSK_CONTROL_SOCKET_TYPE type, ULONG code, ULONG level,
                        PVOID in, SIZE_T in_bytes, PVOID out = nullptr, SIZE_T out_bytes = 0) {
  return run([&](PIRP i) {
    return basic(s).WskControlSocket(s, type, code, level, in_bytes, in, out_bytes, out, nullptr,
                                     i);
  });
}
inline NTSTATUS set_events(PWSK_SOCKET s, ULONG mask, PIRP irp = nullptr) {
  WSK_EVENT_CALLBACK_CONTROL what = {&NPI_WSK_INTERFACE_ID, mask};
  return basic(s).WskControlSocket(s, WskSetOption, SO_WSK_EVENT_CALLBACK, SOL_SOCKET, sizeof what,
                                   &what, 0, nullptr, nullptr, irp);
}
inline NTSTATUS ask_for_fast_path(PWSK_SOCKET s) {
  BOOLEAN on = TRUE;
  return control(s, WskIoctl, SIO_LOOPBACK_FAST_PATH, 0, &on, sizeof on);
}

/// A listening socket and a connection to it.
struct Pair {
  explicit Pair(Client& client, bool is_fast = false, PVOID here_context = nullptr,
                const WSK_CLIENT_CONNECTION_DISPATCH* here_dispatch = nullptr,
                PVOID there_context = nullptr,
                const WSK_CLIENT_CONNECTION_DISPATCH* there_dispatch = nullptr) {
    listener = client.socket(WSK_FLAG_LISTEN_SOCKET);
    here = client.socket(WSK_FLAG_CONNECTION_SOCKET, here_context, here_dispatch);
    if (is_fast) {
      CHECK_EQ(ask_for_fast_path(listener), STATUS_SUCCESS);
      CHECK_EQ(ask_for_fast_path(here), STATUS_SUCCESS);
    }
    CHECK_EQ(bind(listener), STATUS_SUCCESS);
    CHECK_EQ(bind(here), STATUS_SUCCESS);
    CHECK_EQ(connect(here, port_of_listening(listener)), STATUS_SUCCESS);
    Irp accepted;
    CHECK_EQ(run(accepted,
                 [&](PIRP i) {
                   return listening(listener).WskAccept(listener, 0, there_context, there_dispatch,
                                                        nullptr, nullptr, i);
                 }),
             STATUS_SUCCESS);
    there = accepted.socket();
  }
  ~Pair() {
    for (PWSK_SOCKET s : {here, there, listener}) {
      if (s != nullptr) CHECK_EQ(close(s), STATUS_SUCCESS);
    }
  }
  PWSK_SOCKET listener = nullptr;
  PWSK_SOCKET here = nullptr;
  PWSK_SOCKET there = nullptr;
};

/// Counts up to something that callbacks do. Thread: any.
class Counter {
 public:
  Counter() { KeInitializeEvent(&event_, SynchronizationEvent, FALSE); }
  void add(int n = 1) {
    count_ += n;
    KeSetEvent(&event_, IO_NO_INCREMENT, FALSE);
  }
  int count() const { return count_; }
  /// False: it has not come within ten seconds.
  bool reach(int n) {
    LARGE_INTEGER ten_seconds;
    ten_seconds.QuadPart = -10LL * 10'000'000;
    while (count_ < n) {
      if (KeWaitForSingleObject(&event_, Executive, KernelMode, FALSE, &ten_seconds) ==
          STATUS_TIMEOUT) {
        return count_ >= n;
      }
    }
    return true;
  }

 private:
  std::atomic<int> count_{0};
  KEVENT event_;
};

}  // namespace wsk_case
