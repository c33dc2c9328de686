// The cells of `./dev bench wsk` that need no network: what WSK's calls cost beside Winsock's,
// through the public calls, in one process.
//
// A send and a receive on the fast path, by both (goal: WSK at most 1.1 of Winsock); and receiving
// over the ordinary loopback, where real segments come: Winsock's recv, WskReceive, and
// WskReceiveEvent, which shows the bytes where they arrived and so copies none of them. usage:
// bench_wsk [--json FILE]
#include <winsock2.h>
#include <wsk.h>
// behind them
#include <mstcpip.h>
#include <ntddk.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "support/report.h"
#include "support/wsk_irp.h"

namespace {

namespace bench = oriel::bench;
using bench::Irp;
using bench::must;

constexpr int kRepetitions = 5;
constexpr int kPairs = 100'000;
constexpr std::size_t kStreamBytes = 256u << 20;
constexpr std::size_t kPiece = 64u << 10;

sockaddr_in loopback(USHORT port_be = 0) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = port_be;
  return at;
}

struct Buffer {
  explicit Buffer(std::size_t n) : bytes(n, 'x') {
    mdl = IoAllocateMdl(bytes.data(), static_cast<ULONG>(n), FALSE, FALSE, nullptr);
    MmBuildMdlForNonPagedPool(mdl);
    buf = {mdl, 0, n};
  }
  ~Buffer() { IoFreeMdl(mdl); }
  std::string bytes;
  PMDL mdl = nullptr;
  WSK_BUF buf{};
};

const WSK_PROVIDER_CONNECTION_DISPATCH& of(PWSK_SOCKET s) {
  return *static_cast<const WSK_PROVIDER_CONNECTION_DISPATCH*>(s->Dispatch);
}

class Client {
 public:
  Client() {
    static const WSK_CLIENT_DISPATCH kDispatch = {MAKE_WSK_VERSION(1, 0), 0, nullptr};
    WSK_CLIENT_NPI npi = {nullptr, &kDispatch};
    must(WskRegister(&npi, &registration_) == STATUS_SUCCESS, "WskRegister");
    must(WskCaptureProviderNPI(&registration_, WSK_INFINITE_WAIT, &provider_) == STATUS_SUCCESS,
         "WskCaptureProviderNPI");
  }
  ~Client() {
    WskReleaseProviderNPI(&registration_);
    WskDeregister(&registration_);
  }
  PWSK_SOCKET connection(PVOID context = nullptr,
                         const WSK_CLIENT_CONNECTION_DISPATCH* dispatch = nullptr) {
    Irp irp;
    return reinterpret_cast<PWSK_SOCKET>(irp.run([&](PIRP i) {
      return provider_.Dispatch->WskSocket(provider_.Client, AF_INET, SOCK_STREAM, IPPROTO_TCP,
                                           WSK_FLAG_CONNECTION_SOCKET, context, dispatch, nullptr,
                                           nullptr, nullptr, i);
    }));
  }

 private:
  WSK_REGISTRATION registration_{};
  WSK_PROVIDER_NPI provider_{};
};

void close(PWSK_SOCKET s) {
  Irp().run([&](PIRP i) { return of(s).Basic.WskCloseSocket(s, i); });
}

SOCKET winsock_listener(bool is_fast) {
  const SOCKET s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  sockaddr_in at = loopback();
  DWORD on = is_fast ? 1 : 0, bytes = 0;
  WSAIoctl(s, SIO_LOOPBACK_FAST_PATH, &on, sizeof on, nullptr, 0, &bytes, nullptr, nullptr);
  must(bind(s, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0 && listen(s, 5) == 0, "listen");
  return s;
}
sockaddr_in name_of(SOCKET s) {
  sockaddr_in at{};
  int bytes = sizeof at;
  must(getsockname(s, reinterpret_cast<sockaddr*>(&at), &bytes) == 0, "getsockname");
  return at;
}
SOCKET winsock_connected(SOCKET listener, bool is_fast) {
  const SOCKET s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  const sockaddr_in at = name_of(listener);
  DWORD on = is_fast ? 1 : 0, bytes = 0;
  WSAIoctl(s, SIO_LOOPBACK_FAST_PATH, &on, sizeof on, nullptr, 0, &bytes, nullptr, nullptr);
  must(connect(s, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0, "connect");
  return s;
}
void wsk_connect(PWSK_SOCKET s, SOCKET listener, bool is_fast) {
  BOOLEAN on = is_fast;
  sockaddr_in any = loopback(), at = name_of(listener);
  Irp irp;
  irp.run([&](PIRP i) {
    return of(s).Basic.WskControlSocket(s, WskIoctl, SIO_LOOPBACK_FAST_PATH, 0, sizeof on, &on, 0,
                                        nullptr, nullptr, i);
  });
  irp.run([&](PIRP i) { return of(s).WskBind(s, reinterpret_cast<PSOCKADDR>(&any), 0, i); });
  irp.run([&](PIRP i) { return of(s).WskConnect(s, reinterpret_cast<PSOCKADDR>(&at), 0, i); });
}

// --- a send and a receive on the fast path, one thread: nanoseconds for both

double winsock_pair(std::size_t bytes) {
  const SOCKET listener = winsock_listener(true);
  const SOCKET a = winsock_connected(listener, true);
  const SOCKET b = accept(listener, nullptr, nullptr);
  std::string out(bytes, 'x'), in(bytes, 'x'), there(bytes, 'x');
  const int n = static_cast<int>(bytes);
  const double seconds = bench::seconds_of([&] {
    for (int i = 0; i < kPairs; ++i) {
      if (i % 2 == 0) {
        must(send(a, out.data(), n, 0) == n, "send");
        must(recv(b, there.data(), n, 0) == n, "recv");
      } else {
        must(send(b, there.data(), n, 0) == n, "send");
        must(recv(a, in.data(), n, 0) == n, "recv");
      }
    }
  });
  for (const SOCKET s : {a, b, listener}) closesocket(s);
  return seconds / kPairs * 1e9;
}

double wsk_pair(Client& client, std::size_t bytes) {
  const SOCKET listener = winsock_listener(true);
  const PWSK_SOCKET a = client.connection();
  wsk_connect(a, listener, true);
  const SOCKET b = accept(listener, nullptr, nullptr);
  Buffer out(bytes), in(bytes);
  Irp irp;
  std::string buffer(bytes, 'x');
  const int n = static_cast<int>(bytes);
  const double seconds = bench::seconds_of([&] {
    for (int i = 0; i < kPairs; ++i) {
      if (i % 2 == 0) {
        irp.run([&](PIRP p) { return of(a).WskSend(a, &out.buf, 0, p); });
        must(recv(b, buffer.data(), n, 0) == n, "recv");
      } else {
        must(send(b, buffer.data(), n, 0) == n, "send");
        must(irp.run([&](PIRP p) { return of(a).WskReceive(a, &in.buf, 0, p); }) == bytes,
             "WskReceive");
      }
    }
  });
  close(a);
  closesocket(b);
  closesocket(listener);
  return seconds / kPairs * 1e9;
}

/// What any provider's call costs a driver: the IRP armed, taken and completed, and nothing done.
double irp_alone() {
  Irp irp;
  const double seconds = bench::seconds_of([&] {
    for (int i = 0; i < kPairs; ++i) {
      irp.run([](PIRP p) -> NTSTATUS {
        IoSetNextIrpStackLocation(p);
        p->IoStatus.Status = STATUS_SUCCESS;
        IoCompleteRequest(p, IO_NO_INCREMENT);
        return STATUS_SUCCESS;
      });
    }
  });
  return seconds / kPairs * 1e9;
}

// --- receiving over the ordinary loopback: Gbit/s

/// Sends kStreamBytes from a thread of its own.
class Sender {
 public:
  explicit Sender(SOCKET s)
      : thread_([s] {
          std::string piece(kPiece, 'x');
          for (std::size_t sent = 0; sent < kStreamBytes; sent += kPiece) {
            must(send(s, piece.data(), static_cast<int>(kPiece), 0) > 0, "send");
          }
        }) {}
  ~Sender() { thread_.join(); }

 private:
  std::thread thread_;
};

double gbits(double seconds) {
  return static_cast<double>(kStreamBytes) * 8 / seconds / 1e9;
}

double winsock_receive() {
  const SOCKET listener = winsock_listener(false);
  const SOCKET a = winsock_connected(listener, false);
  const SOCKET b = accept(listener, nullptr, nullptr);
  std::string buffer(kPiece, 'x');
  const double seconds = bench::seconds_of([&] {
    const Sender sender(b);
    for (std::size_t got = 0; got < kStreamBytes;) {
      got += static_cast<std::size_t>(recv(a, buffer.data(), static_cast<int>(kPiece), 0));
    }
  });
  for (const SOCKET s : {a, b, listener}) closesocket(s);
  return gbits(seconds);
}

double wsk_receive(Client& client) {
  const SOCKET listener = winsock_listener(false);
  const PWSK_SOCKET a = client.connection();
  wsk_connect(a, listener, false);
  const SOCKET b = accept(listener, nullptr, nullptr);
  Buffer in(kPiece);
  Irp irp;
  const double seconds = bench::seconds_of([&] {
    const Sender sender(b);
    for (std::size_t got = 0; got < kStreamBytes;) {
      got += irp.run([&](PIRP p) { return of(a).WskReceive(a, &in.buf, 0, p); });
    }
  });
  close(a);
  closesocket(b);
  closesocket(listener);
  return gbits(seconds);
}

struct Indicated {
  static NTSTATUS WSKAPI on_receive(PVOID context, ULONG, PWSK_DATA_INDICATION, SIZE_T bytes,
                                    SIZE_T*) {
    auto& self = *static_cast<Indicated*>(context);
    if ((self.got += bytes) >= kStreamBytes) KeSetEvent(&self.done, IO_NO_INCREMENT, FALSE);
    return STATUS_SUCCESS;
  }
  Indicated() { KeInitializeEvent(&done, NotificationEvent, FALSE); }
  std::atomic<std::size_t> got{0};
  KEVENT done;
};

double wsk_indications(Client& client) {
  static const WSK_CLIENT_CONNECTION_DISPATCH kDispatch = {Indicated::on_receive, nullptr, nullptr};
  Indicated indicated;
  const SOCKET listener = winsock_listener(false);
  const PWSK_SOCKET a = client.connection(&indicated, &kDispatch);
  wsk_connect(a, listener, false);
  const SOCKET b = accept(listener, nullptr, nullptr);
  WSK_EVENT_CALLBACK_CONTROL enable = {&NPI_WSK_INTERFACE_ID, WSK_EVENT_RECEIVE};
  of(a).Basic.WskControlSocket(a, WskSetOption, SO_WSK_EVENT_CALLBACK, SOL_SOCKET, sizeof enable,
                               &enable, 0, nullptr, nullptr, nullptr);
  const double seconds = bench::seconds_of([&] {
    const Sender sender(b);
    KeWaitForSingleObject(&indicated.done, Executive, KernelMode, FALSE, nullptr);
  });
  close(a);
  closesocket(b);
  closesocket(listener);
  return gbits(seconds);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string json = argc == 3 && std::strcmp(argv[1], "--json") == 0 ? argv[2] : "";
  WSADATA data;
  must(WSAStartup(MAKEWORD(2, 2), &data) == 0, "WSAStartup");
  bench::Report report("wsk");
  {
    Client client;
    report.add("irp_alone", "ns", kRepetitions, [] { return irp_alone(); });
    for (const std::size_t bytes : {std::size_t{64}, std::size_t{1024}, std::size_t{16384}}) {
      const std::string of_bytes = "_pair_" + std::to_string(bytes);
      const double base =
          report.add("winsock" + of_bytes, "ns", kRepetitions, [&] { return winsock_pair(bytes); })
              .median();
      const double ours =
          report.add("wsk" + of_bytes, "ns", kRepetitions, [&] { return wsk_pair(client, bytes); })
              .median();
      std::printf("  WSK on one end / Winsock on both: %.2f\n", ours / base);
    }
    const double base =
        report.add("winsock_receive", "Gbit/s", kRepetitions, [] { return winsock_receive(); })
            .median();
    report.add("wsk_receive", "Gbit/s", kRepetitions, [&] { return wsk_receive(client); });
    const double lent =
        report
            .add("wsk_indications", "Gbit/s", kRepetitions, [&] { return wsk_indications(client); })
            .median();
    std::printf("  indications (no copy) / Winsock's receive (one copy): %.2f\n", lent / base);
  }
  WSACleanup();
  return json.empty() || report.write_json(json) ? 0 : 1;
}
