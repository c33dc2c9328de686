// Oriel's end of the TUN cells of `./dev bench wsk`: takes one connection and receives all of it,
// by Winsock's recv, by WskReceive, or by WskReceiveEvent, which shows the bytes where they arrived
// and so copies none of them. Prints "ready", then one line of JSON, as the ends of `bench wire`
// do.
//
// usage: bench_wsk_receiver winsock|wsk|indications PORT
#include <winsock2.h>
#include <wsk.h>
// behind them
#include <ntddk.h>

#include <optional>
#include <vector>

#include "support/wire_load.h"
#include "support/wsk_irp.h"

namespace {

using namespace oriel::bench;

sockaddr_in any(std::uint16_t port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  return at;
}

struct Count {
  void add(std::size_t bytes) {
    if (!watch) watch.emplace();
    total += bytes;
  }
  void print() const {
    must(watch.has_value(), "receiving");
    print_transfer(total, *watch);
  }
  std::uint64_t total = 0;
  std::optional<Stopwatch> watch;  // since the first bytes
};

void receive_by_winsock(std::uint16_t port) {
  const SOCKET listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  const sockaddr_in at = any(port);
  must(bind(listener, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0, "bind");
  must(listen(listener, 1) == 0, "listen");
  say_ready();
  const SOCKET s = accept(listener, nullptr, nullptr);
  must(s != INVALID_SOCKET, "accept");
  std::vector<char> buffer(kReadBytes);
  Count count;
  int n = 0;
  while ((n = recv(s, buffer.data(), static_cast<int>(buffer.size()), 0)) > 0) {
    count.add(static_cast<std::size_t>(n));
  }
  must(n == 0, "recv");
  count.print();
  closesocket(s);
  closesocket(listener);
}

// --- WSK

const WSK_PROVIDER_CONNECTION_DISPATCH& connection(PWSK_SOCKET s) {
  return *static_cast<const WSK_PROVIDER_CONNECTION_DISPATCH*>(s->Dispatch);
}
const WSK_PROVIDER_LISTEN_DISPATCH& listening(PWSK_SOCKET s) {
  return *static_cast<const WSK_PROVIDER_LISTEN_DISPATCH*>(s->Dispatch);
}

struct Indicated {
  Indicated() { KeInitializeEvent(&end, NotificationEvent, FALSE); }
  static NTSTATUS WSKAPI on_receive(PVOID context, ULONG, PWSK_DATA_INDICATION list, SIZE_T bytes,
                                    SIZE_T*) {
    if (list != nullptr) static_cast<Indicated*>(context)->count.add(bytes);
    return STATUS_SUCCESS;  // taken: the buffers are the stack's again
  }
  static NTSTATUS WSKAPI on_disconnect(PVOID context, ULONG) {
    KeSetEvent(&static_cast<Indicated*>(context)->end, IO_NO_INCREMENT, FALSE);
    return STATUS_SUCCESS;
  }
  static constexpr WSK_CLIENT_CONNECTION_DISPATCH kDispatch = {on_receive, on_disconnect, nullptr};
  Count count;
  KEVENT end;
};

void receive_by_irp(PWSK_SOCKET s) {
  std::vector<char> bytes(kReadBytes);
  const PMDL mdl =
      IoAllocateMdl(bytes.data(), static_cast<ULONG>(bytes.size()), FALSE, FALSE, nullptr);
  MmBuildMdlForNonPagedPool(mdl);
  WSK_BUF buffer = {mdl, 0, bytes.size()};
  Irp irp;
  Count count;
  while (const ULONG_PTR n =
             irp.run([&](PIRP i) { return connection(s).WskReceive(s, &buffer, 0, i); })) {
    count.add(n);
  }
  count.print();
  IoFreeMdl(mdl);
}

void receive_by_event(PWSK_SOCKET s, Indicated& indicated) {
  WSK_EVENT_CALLBACK_CONTROL enable = {&NPI_WSK_INTERFACE_ID,
                                       WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT};
  must(connection(s).Basic.WskControlSocket(s, WskSetOption, SO_WSK_EVENT_CALLBACK, SOL_SOCKET,
                                            sizeof enable, &enable, 0, nullptr, nullptr,
                                            nullptr) == STATUS_SUCCESS,
       "SO_WSK_EVENT_CALLBACK");
  KeWaitForSingleObject(&indicated.end, Executive, KernelMode, FALSE, nullptr);
  indicated.count.print();
}

void receive_by_wsk(std::uint16_t port, bool is_by_event) {
  static const WSK_CLIENT_DISPATCH kClient = {MAKE_WSK_VERSION(1, 0), 0, nullptr};
  WSK_CLIENT_NPI npi = {nullptr, &kClient};
  WSK_REGISTRATION registration{};
  WSK_PROVIDER_NPI provider{};
  must(WskRegister(&npi, &registration) == STATUS_SUCCESS, "WskRegister");
  must(WskCaptureProviderNPI(&registration, WSK_INFINITE_WAIT, &provider) == STATUS_SUCCESS,
       "WskCaptureProviderNPI");
  Irp irp;
  const auto listener = reinterpret_cast<PWSK_SOCKET>(irp.run([&](PIRP i) {
    return provider.Dispatch->WskSocket(provider.Client, AF_INET, SOCK_STREAM, IPPROTO_TCP,
                                        WSK_FLAG_LISTEN_SOCKET, nullptr, nullptr, nullptr, nullptr,
                                        nullptr, i);
  }));
  sockaddr_in at = any(port);
  irp.run([&](PIRP i) {
    return listening(listener).WskBind(listener, reinterpret_cast<PSOCKADDR>(&at), 0, i);
  });
  say_ready();
  Indicated indicated;
  const auto s = reinterpret_cast<PWSK_SOCKET>(irp.run([&](PIRP i) {
    return listening(listener).WskAccept(listener, 0, is_by_event ? &indicated : nullptr,
                                         is_by_event ? &Indicated::kDispatch : nullptr, nullptr,
                                         nullptr, i);
  }));
  if (is_by_event) {
    receive_by_event(s, indicated);
  } else {
    receive_by_irp(s);
  }
  irp.run([&](PIRP i) { return connection(s).Basic.WskCloseSocket(s, i); });
  irp.run([&](PIRP i) { return listening(listener).Basic.WskCloseSocket(listener, i); });
  WskReleaseProviderNPI(&registration);
  WskDeregister(&registration);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string how = argc == 3 ? argv[1] : "";
  const auto port = static_cast<std::uint16_t>(argc == 3 ? std::atoi(argv[2]) : 0);
  if (port == 0 || (how != "winsock" && how != "wsk" && how != "indications")) {
    std::fprintf(stderr, "usage: bench_wsk_receiver winsock|wsk|indications PORT\n");
    return 2;
  }
  WSADATA data;
  must(WSAStartup(MAKEWORD(2, 2), &data) == 0, "WSAStartup");
  if (how == "winsock") {
    receive_by_winsock(port);
  } else {
    receive_by_wsk(port, how == "indications");
  }
  WSACleanup();
  return 0;
}
