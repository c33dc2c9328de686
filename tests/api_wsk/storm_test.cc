// Eight threads at once: cancel against completion, close against everything. Each IRP that was
// given is completed once, whatever comes first. Drivers may not use a socket that they close in
// another thread; here they do, with the checks off, and get a status.
#include <cstdlib>
#include <memory>
#include <thread>

#include "api_wsk/wsk_case.h"

namespace {

using namespace wsk_case;

const int kChecksAreOff = setenv("ORIEL_VERIFIER", "0", 0);

constexpr int kThreads = 8;

template <class Body>
void in_threads(Body&& body) {
  std::vector<std::thread> all;
  for (int t = 0; t < kThreads; ++t) all.emplace_back([&, t] { body(t); });
  for (std::thread& one : all) one.join();
}

/// An IRP with its bytes.
struct Operation {
  explicit Operation(std::size_t n) : buffer(n) {}
  Buffer buffer;
  Irp irp;
};

bool is_known_end(NTSTATUS status) {
  switch (status) {
    case STATUS_SUCCESS:
    case STATUS_CANCELLED:
    case STATUS_FILE_CLOSED:
    case STATUS_CONNECTION_RESET:
    case STATUS_CONNECTION_ABORTED:
    case STATUS_INVALID_DEVICE_STATE:
    case STATUS_INVALID_CONNECTION:
    case STATUS_PIPE_DISCONNECTED:
      return true;
    default:
      return false;
  }
}

WIN_CASE(WskStorm, CancelAgainstCompletion) {
  REQ("WSK-2");
  Client client;
  for (const bool is_fast : {false, true}) {
    Pair pair(client, is_fast);
    constexpr int kRounds = 100;
    std::atomic<int> open{kThreads / 2};
    in_threads([&](int t) {
      if (t % 2 == 0) {  // sends one byte after the other
        while (open != 0) send(pair.here, "x");
        return;
      }
      for (int i = 0; i < kRounds; ++i) {
        Operation one(1);
        connection(pair.there).WskReceive(pair.there, one.buffer.get(), 0, one.irp.get());
        if (i % 3 != 0) IoCancelIrp(one.irp.get());
        const NTSTATUS end = one.irp.wait();
        CHECK(end == STATUS_SUCCESS || end == STATUS_CANCELLED);
        CHECK_EQ(one.irp.completions.load(), 1);
      }
      --open;
    });
  }
}

WIN_CASE(WskStorm, CloseAgainstEverything) {
  REQ("WSK-2");
  Client client;
  for (int round = 0; round < 20; ++round) {
    Pair pair(client, round % 2 == 1);
    const PWSK_SOCKET here = pair.here, there = pair.there;
    const WSK_PROVIDER_CONNECTION_DISPATCH d = connection(here);
    pair.here = pair.there = nullptr;
    Irp closes[2];
    std::vector<std::unique_ptr<Operation>> given[kThreads];
    in_threads([&](int t) {
      const PWSK_SOCKET s = t % 2 == 0 ? here : there;
      for (int i = 0; i < 30; ++i) {
        auto one = std::make_unique<Operation>(i % 7 == 0 ? 300'000 : 8);
        const WSK_BUF* buffer = one->buffer.get();
        WSK_BUF copy = *buffer;
        switch ((t + i) % 4) {
          case 0:
            d.WskSend(s, &copy, 0, one->irp.get());
            break;
          case 1:
            d.WskReceive(s, &copy, i % 2 == 0 ? WSK_FLAG_WAITALL : 0, one->irp.get());
            break;
          case 2:
            d.WskReceive(s, &copy, 0, one->irp.get());
            IoCancelIrp(one->irp.get());
            break;
          default:
            d.Basic.WskControlSocket(s, WskIoctl, SIO_WSK_QUERY_RECEIVE_BACKLOG, 0, 0, nullptr,
                                     copy.Length, one->buffer.bytes.data(), nullptr,
                                     one->irp.get());
            break;
        }
        given[t].push_back(std::move(one));
        if (t < 2 && i == 20) d.Basic.WskCloseSocket(s, closes[t].get());
      }
    });
    for (auto& list : given) {
      for (auto& one : list) {
        const NTSTATUS end = one->irp.wait();
        CHECK(is_known_end(end));
        CHECK_EQ(one->irp.completions.load(), 1);
      }
    }
    for (Irp& close : closes) CHECK_EQ(close.wait(), STATUS_SUCCESS);
  }
}

/// Takes what comes, and closes itself when the peer goes.
struct Child {
  static NTSTATUS WSKAPI on_receive(PVOID, ULONG, PWSK_DATA_INDICATION, SIZE_T, SIZE_T*) {
    return STATUS_SUCCESS;
  }
  static NTSTATUS WSKAPI on_disconnect(PVOID context, ULONG) {
    auto& self = *static_cast<Child*>(context);
    connection(self.socket).Basic.WskCloseSocket(self.socket, self.close.get());
    return STATUS_SUCCESS;
  }
  static constexpr WSK_CLIENT_CONNECTION_DISPATCH kAll = {on_receive, on_disconnect, nullptr};
  PWSK_SOCKET socket = nullptr;
  Irp close;
};

struct Children {
  static NTSTATUS WSKAPI on_accept(PVOID context, ULONG, PSOCKADDR, PSOCKADDR, PWSK_SOCKET socket,
                                   PVOID* child_context,
                                   const WSK_CLIENT_CONNECTION_DISPATCH** child_dispatch) {
    auto& self = *static_cast<Children*>(context);
    auto child = std::make_unique<Child>();  // callbacks come one at a time
    child->socket = socket;
    *child_context = child.get();
    *child_dispatch = &Child::kAll;
    self.all.push_back(std::move(child));
    self.accepted.add();
    return STATUS_SUCCESS;
  }
  static constexpr WSK_CLIENT_LISTEN_DISPATCH kAll = {on_accept, nullptr, nullptr};
  std::vector<std::unique_ptr<Child>> all;
  Counter accepted;
};

WIN_CASE(WskStorm, ConnectionsThatComeTalkAndGo) {
  REQ("WSK-1");
  Client client;
  Children children;
  PWSK_SOCKET listener = client.socket(WSK_FLAG_LISTEN_SOCKET, &children, &Children::kAll);
  ask_for_fast_path(listener);
  CHECK_EQ(bind(listener), STATUS_SUCCESS);
  CHECK_EQ(set_events(listener, WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT),
           STATUS_SUCCESS);
  const USHORT port = port_of_listening(listener);
  constexpr int kEach = 10;
  in_threads([&](int t) {
    for (int i = 0; i < kEach; ++i) {
      PWSK_SOCKET s = client.socket(WSK_FLAG_CONNECTION_SOCKET);
      if ((t + i) % 2 == 0) ask_for_fast_path(s);
      CHECK_EQ(bind(s), STATUS_SUCCESS);
      CHECK_EQ(connect(s, port), STATUS_SUCCESS);
      CHECK_EQ(send(s, "some words"), STATUS_SUCCESS);
      run([&](PIRP irp) { return connection(s).WskDisconnect(s, nullptr, 0, irp); });
      receive(s);  // the child has closed
      CHECK_EQ(close(s), STATUS_SUCCESS);
    }
  });
  CHECK(children.accepted.reach(kThreads * kEach));
  CHECK_EQ(close(listener), STATUS_SUCCESS);
  for (auto& child : children.all) CHECK_EQ(child->close.wait(), STATUS_SUCCESS);
}

}  // namespace
