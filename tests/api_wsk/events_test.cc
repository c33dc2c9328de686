// Event callbacks: which are called, with what, and how they are enabled and disabled.
#include <algorithm>
#include <mutex>

#include "api_wsk/wsk_case.h"

namespace {

using namespace wsk_case;

/// A client's side of one socket: notes what it hears, and answers as a case says.
struct Listener {
  static NTSTATUS WSKAPI on_receive(PVOID context, ULONG flags, PWSK_DATA_INDICATION list,
                                    SIZE_T bytes, SIZE_T* accepted) {
    auto& self = *static_cast<Listener*>(context);
    CHECK((flags & WSK_FLAG_AT_DISPATCH_LEVEL) != 0);
    CHECK_EQ(KeGetCurrentIrql(), DISPATCH_LEVEL);
    std::string text;
    for (PWSK_DATA_INDICATION one = list; one != nullptr; one = one->Next) {
      const auto* data = static_cast<const char*>(
          MmGetSystemAddressForMdlSafe(one->Buffer.Mdl, NormalPagePriority));
      text.append(data + one->Buffer.Offset, one->Buffer.Length);
    }
    CHECK_EQ(text.size(), bytes);
    CHECK_EQ(*accepted, bytes);
    NTSTATUS answer = STATUS_SUCCESS;
    {
      const std::lock_guard hold(self.lock);
      answer = self.answer;
      if (answer == STATUS_SUCCESS && text.size() > self.accepts) {
        *accepted = self.accepts;
        text.resize(self.accepts);
      }
      if (answer != STATUS_DATA_NOT_ACCEPTED) self.got += text;
      if (answer == STATUS_PENDING) self.kept.push_back(list);
    }
    if (answer == STATUS_SUCCESS) self.total += *accepted;
    self.receives.add();
    if (self.gate != nullptr) KeWaitOutsideRules(*self.gate);
    return answer;
  }
  static NTSTATUS WSKAPI on_disconnect(PVOID context, ULONG flags) {
    auto& self = *static_cast<Listener*>(context);
    self.disconnect_flags = flags;
    self.disconnects.add();
    return STATUS_SUCCESS;
  }
  static NTSTATUS WSKAPI on_backlog(PVOID context, SIZE_T backlog) {
    auto& self = *static_cast<Listener*>(context);
    self.backlog = backlog;
    self.backlogs.add();
    return STATUS_SUCCESS;
  }
  // A callback may not wait; a case that needs one under way spins instead.
  static void KeWaitOutsideRules(std::atomic<bool>& is_open) {
    while (!is_open) YieldProcessor();
  }

  std::string text() {
    const std::lock_guard hold(lock);
    return got;
  }
  void answer_with(NTSTATUS status, std::size_t bytes = SIZE_MAX) {
    const std::lock_guard hold(lock);
    answer = status;
    accepts = bytes;
  }

  static constexpr WSK_CLIENT_CONNECTION_DISPATCH kAll = {on_receive, on_disconnect, on_backlog};
  std::mutex lock;
  std::string got;
  NTSTATUS answer = STATUS_SUCCESS;
  std::size_t accepts = SIZE_MAX;
  std::vector<PWSK_DATA_INDICATION> kept;
  std::atomic<bool>* gate = nullptr;
  std::atomic<ULONG> disconnect_flags{0};
  std::atomic<SIZE_T> backlog{0};
  std::atomic<SIZE_T> total{0};
  Counter receives, disconnects, backlogs;
};

WIN_CASE(WskEvents, ReceiveEventLendsWhatComes) {
  REQ("WSK-1");
  Client client;
  for (const bool is_fast : {false, true}) {
    Listener there;
    Pair pair(client, is_fast, nullptr, nullptr, &there, &Listener::kAll);
    CHECK_EQ(send(pair.here, "early "), STATUS_SUCCESS);
    CHECK_EQ(there.receives.count(), 0);  // disabled at first
    CHECK_EQ(set_events(pair.there, WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT), STATUS_SUCCESS);
    CHECK(there.receives.reach(1));
    CHECK_EQ(send(pair.here, "late"), STATUS_SUCCESS);
    CHECK(there.receives.reach(2));
    CHECK_EQ(there.text(), "early late");
    CHECK_EQ(there.disconnects.count(), 0);
    CHECK_EQ(
        run([&](PIRP i) { return connection(pair.here).WskDisconnect(pair.here, nullptr, 0, i); }),
        STATUS_SUCCESS);
    CHECK(there.disconnects.reach(1));
    CHECK_EQ(there.disconnect_flags.load() & WSK_FLAG_ABORTIVE, 0u);
  }
}

WIN_CASE(WskEvents, WskReceiveComesBeforeTheEvent) {
  REQ("WSK-1");
  Client client;
  Listener there;
  Pair pair(client, false, nullptr, nullptr, &there, &Listener::kAll);
  CHECK_EQ(set_events(pair.there, WSK_EVENT_RECEIVE), STATUS_SUCCESS);
  Buffer in(4);
  Irp irp;
  CHECK_EQ(connection(pair.there).WskReceive(pair.there, in.get(), 0, irp.get()), STATUS_PENDING);
  CHECK_EQ(send(pair.here, "abcdef"), STATUS_SUCCESS);
  CHECK_EQ(irp.wait(), STATUS_SUCCESS);
  CHECK_EQ(in.bytes, "abcd");
  CHECK(there.receives.reach(1));
  CHECK_EQ(there.text(), "ef");
}

WIN_CASE(WskEvents, WhatIsRefusedWaitsForWskReceive) {
  REQ("WSK-1");
  Client client;
  for (const bool is_fast : {false, true}) {
    Listener there;
    there.answer_with(STATUS_DATA_NOT_ACCEPTED);
    Pair pair(client, is_fast, nullptr, nullptr, &there, &Listener::kAll);
    CHECK_EQ(set_events(pair.there, WSK_EVENT_RECEIVE), STATUS_SUCCESS);
    CHECK_EQ(send(pair.here, "abcdef"), STATUS_SUCCESS);
    CHECK(there.receives.reach(1));
    CHECK_EQ(send(pair.here, "gh"), STATUS_SUCCESS);
    CHECK_EQ(there.receives.count(), 1);
    there.answer_with(STATUS_SUCCESS, 3);  // takes a part
    CHECK_EQ(receive(pair.there, 2), "ab");
    CHECK(there.receives.reach(2));
    CHECK_EQ(there.text(), "cde");
    there.answer_with(STATUS_SUCCESS);
    Buffer none("x");
    none.buf.Length = 0;
    CHECK_EQ(run([&](PIRP i) {
               return connection(pair.there).WskReceive(pair.there, none.get(), 0, i);
             }),
             STATUS_SUCCESS);
    CHECK(there.receives.reach(3));
    if (there.text() != "cdefgh") CHECK(there.receives.reach(4));  // it may come in two
    CHECK_EQ(there.text(), "cdefgh");
  }
}

WIN_CASE(WskEvents, AKeptListStaysUntilItIsReleased) {
  REQ("WSK-1");
  Client client;
  for (const bool is_fast : {false, true}) {
    Listener there;
    there.answer_with(STATUS_PENDING);
    Pair pair(client, is_fast, nullptr, nullptr, &there, &Listener::kAll);
    CHECK_EQ(set_events(pair.there, WSK_EVENT_RECEIVE), STATUS_SUCCESS);
    CHECK_EQ(send(pair.here, "first"), STATUS_SUCCESS);
    CHECK(there.receives.reach(1));
    CHECK_EQ(send(pair.here, "second"), STATUS_SUCCESS);
    CHECK(there.receives.reach(2));
    CHECK_EQ(there.text(), "firstsecond");
    const auto* data = static_cast<const char*>(
        MmGetSystemAddressForMdlSafe(there.kept[0]->Buffer.Mdl, NormalPagePriority));
    CHECK_EQ(std::string(data, there.kept[0]->Buffer.Length), "first");
    const auto& d = connection(pair.there);
    for (PWSK_DATA_INDICATION one : there.kept) {
      CHECK_EQ(d.WskRelease(pair.there, one), STATUS_SUCCESS);
    }
    CHECK_EQ(d.WskRelease(pair.there, nullptr), STATUS_INVALID_PARAMETER);
    WSK_DATA_INDICATION bogus{};
    CHECK_EQ(d.WskRelease(pair.there, &bogus), STATUS_INVALID_PARAMETER);
  }
}

WIN_CASE(WskEvents, KeptBytesAreBounded) {
  REQ("WSK-1");
  Client client;
  for (const bool is_fast : {false, true}) {
    Listener there;
    there.answer_with(STATUS_PENDING);
    Pair pair(client, is_fast, nullptr, nullptr, &there, &Listener::kAll);
    CHECK_EQ(set_events(pair.there, WSK_EVENT_RECEIVE), STATUS_SUCCESS);
    Buffer large(32u << 20);
    Irp irp;
    CHECK_EQ(connection(pair.here).WskSend(pair.here, large.get(), 0, irp.get()), STATUS_PENDING);
    std::size_t kept_most = 0, released = 0;
    while (released < large.bytes.size()) {
      PWSK_DATA_INDICATION first = nullptr;
      {
        const std::lock_guard hold(there.lock);
        kept_most = std::max(kept_most, there.got.size() - released);
        if (!there.kept.empty()) {
          first = there.kept.front();
          there.kept.erase(there.kept.begin());
        }
      }
      if (first == nullptr) {
        YieldProcessor();
        continue;
      }
      for (auto* one = first; one != nullptr; one = one->Next) released += one->Buffer.Length;
      REQUIRE_EQ(connection(pair.there).WskRelease(pair.there, first), STATUS_SUCCESS);
    }
    CHECK_EQ(irp.wait(), STATUS_SUCCESS);
    CHECK_LE(kept_most, (1u << 20) + (512u << 10));  // the bound, and a list or two more
  }
}

WIN_CASE(WskEvents, AResetIsAnAbortiveDisconnect) {
  REQ("WSK-1");
  Client client;
  for (const bool is_fast : {false, true}) {
    Listener there;
    Pair pair(client, is_fast, nullptr, nullptr, &there, &Listener::kAll);
    CHECK_EQ(set_events(pair.there, WSK_EVENT_DISCONNECT), STATUS_SUCCESS);
    CHECK_EQ(close(pair.here), STATUS_SUCCESS);  // always abortive
    pair.here = nullptr;
    CHECK(there.disconnects.reach(1));
    CHECK_EQ(there.disconnect_flags.load() & WSK_FLAG_ABORTIVE, ULONG{WSK_FLAG_ABORTIVE});
  }
}

WIN_CASE(WskEvents, SendBacklogEventTellsOfAnother) {
  REQ("ISB-11");
  Client client;
  Listener here, there;
  Pair pair(client, false, &here, &Listener::kAll, &there, &Listener::kAll);
  CHECK_EQ(set_events(pair.here, WSK_EVENT_SEND_BACKLOG), STATUS_SUCCESS);
  CHECK_EQ(set_events(pair.there, WSK_EVENT_RECEIVE), STATUS_SUCCESS);
  Buffer large(64u << 20);
  Irp irp;
  CHECK_EQ(connection(pair.here).WskSend(pair.here, large.get(), 0, irp.get()), STATUS_PENDING);
  CHECK(here.backlogs.reach(1));
  CHECK_EQ(irp.wait(), STATUS_SUCCESS);
  CHECK_NE(here.backlog.load(), 65536u);
  CHECK_LE(here.backlog.load(), 16u << 20);
  // Acknowledged is not read: the rest is in the receiver's buffer.
  while (there.total != large.bytes.size()) {
    REQUIRE(there.receives.reach(there.receives.count() + 1) || there.total == large.bytes.size());
  }
}

WIN_CASE(WskEvents, DisablingWaitsForACallUnderWay) {
  REQ("WSK-1");
  Client client;
  std::atomic<bool> is_open{false};
  Listener there;
  there.gate = &is_open;
  Pair pair(client, false, nullptr, nullptr, &there, &Listener::kAll);
  CHECK_EQ(set_events(pair.there, WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT), STATUS_SUCCESS);
  CHECK_EQ(set_events(pair.there, WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT | WSK_EVENT_DISABLE),
           STATUS_INVALID_PARAMETER);  // one at a time
  Buffer text("x");
  Irp sends, disables;
  connection(pair.here).WskSend(pair.here, text.get(), 0, sends.get());
  CHECK(there.receives.reach(1));
  CHECK_EQ(set_events(pair.there, WSK_EVENT_RECEIVE | WSK_EVENT_DISABLE), STATUS_EVENT_PENDING);
  CHECK_EQ(set_events(pair.there, WSK_EVENT_RECEIVE | WSK_EVENT_DISABLE, disables.get()),
           STATUS_PENDING);
  CHECK(!disables.is_done());
  is_open = true;
  CHECK_EQ(disables.wait(), STATUS_SUCCESS);
  CHECK_EQ(run(disables,
               [&](PIRP i) {
                 return set_events(pair.there, WSK_EVENT_DISCONNECT | WSK_EVENT_DISABLE, i);
               }),
           STATUS_SUCCESS);
  CHECK_EQ(sends.wait(), STATUS_SUCCESS);
  CHECK_EQ(send(pair.here, "yz"), STATUS_SUCCESS);
  CHECK_EQ(receive(pair.there), "yz");
  CHECK_EQ(there.receives.count(), 1);
}

/// Accepts what comes, with a Listener for each.
struct Acceptor {
  static NTSTATUS WSKAPI on_accept(PVOID context, ULONG flags, PSOCKADDR local, PSOCKADDR remote,
                                   PWSK_SOCKET socket, PVOID* child_context,
                                   const WSK_CLIENT_CONNECTION_DISPATCH** child_dispatch) {
    auto& self = *static_cast<Acceptor*>(context);
    CHECK((flags & WSK_FLAG_AT_DISPATCH_LEVEL) != 0);
    CHECK_EQ(local->sa_family, AF_INET);
    CHECK_EQ(remote->sa_family, AF_INET);
    if (self.is_refusing) {
      self.refusals.add();
      return STATUS_REQUEST_NOT_ACCEPTED;
    }
    self.socket = socket;
    *child_context = &self.child;
    *child_dispatch = &Listener::kAll;
    self.accepts.add();
    return STATUS_SUCCESS;
  }
  static constexpr WSK_CLIENT_LISTEN_DISPATCH kAll = {on_accept, nullptr, nullptr};
  std::atomic<PWSK_SOCKET> socket{nullptr};
  std::atomic<bool> is_refusing{false};
  Listener child;
  Counter accepts, refusals;
};

WIN_CASE(WskEvents, AcceptEventHandsDownCallbacks) {
  REQ("WSK-1");
  Client client;
  Acceptor acceptor;
  PWSK_SOCKET listener = client.socket(WSK_FLAG_LISTEN_SOCKET, &acceptor, &Acceptor::kAll);
  CHECK_EQ(set_events(listener, WSK_EVENT_ACCEPT), STATUS_INVALID_DEVICE_STATE);  // not bound
  CHECK_EQ(bind(listener), STATUS_SUCCESS);
  CHECK_EQ(set_events(listener, WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE), STATUS_SUCCESS);
  CHECK_EQ(set_events(listener, WSK_EVENT_RECEIVE | WSK_EVENT_DISABLE), STATUS_INVALID_PARAMETER);
  PWSK_SOCKET here = client.socket(WSK_FLAG_CONNECTION_SOCKET);
  CHECK_EQ(bind(here), STATUS_SUCCESS);
  CHECK_EQ(connect(here, port_of_listening(listener)), STATUS_SUCCESS);
  CHECK(acceptor.accepts.reach(1));
  CHECK_EQ(send(here, "to the child"), STATUS_SUCCESS);
  CHECK(acceptor.child.receives.reach(1));
  CHECK_EQ(acceptor.child.text(), "to the child");
  CHECK_EQ(close(here), STATUS_SUCCESS);
  CHECK_EQ(close(acceptor.socket), STATUS_SUCCESS);
  acceptor.is_refusing = true;
  here = client.socket(WSK_FLAG_CONNECTION_SOCKET);
  CHECK_EQ(bind(here), STATUS_SUCCESS);
  CHECK_EQ(connect(here, port_of_listening(listener)), STATUS_SUCCESS);
  CHECK(acceptor.refusals.reach(1));
  CHECK_EQ(receive(here), "!" + win_case::show(STATUS_CONNECTION_RESET));
  CHECK_EQ(close(here), STATUS_SUCCESS);
  CHECK_EQ(close(listener), STATUS_SUCCESS);
}

WIN_CASE(WskEvents, StaticCallbacksAreAlwaysOn) {
  REQ("WSK-1");
  Client client;
  const auto set_static = [&](ULONG mask) {
    WSK_EVENT_CALLBACK_CONTROL what = {&NPI_WSK_INTERFACE_ID, mask};
    return client.provider.Dispatch->WskControlClient(client.provider.Client,
                                                      WSK_SET_STATIC_EVENT_CALLBACKS, sizeof what,
                                                      &what, 0, nullptr, nullptr, nullptr);
  };
  CHECK_EQ(set_static(WSK_EVENT_RECEIVE | WSK_EVENT_ACCEPT), STATUS_SUCCESS);
  Listener there;
  Pair pair(client, false, nullptr, nullptr, &there, &Listener::kAll);
  CHECK_EQ(set_static(WSK_EVENT_RECEIVE), STATUS_INVALID_DEVICE_STATE);  // there are sockets
  CHECK_EQ(send(pair.here, "at once"), STATUS_SUCCESS);
  CHECK(there.receives.reach(1));
  CHECK_EQ(set_events(pair.there, WSK_EVENT_RECEIVE | WSK_EVENT_DISABLE), STATUS_INVALID_PARAMETER);
  CHECK_EQ(set_events(pair.there, WSK_EVENT_RECEIVE), STATUS_INVALID_PARAMETER);
}

WIN_CASE(WskEvents, ASocketMayBeClosedFromItsCallback) {
  REQ("WSK-1");
  Client client;
  struct Closer {
    static NTSTATUS WSKAPI on_receive(PVOID context, ULONG, PWSK_DATA_INDICATION, SIZE_T, SIZE_T*) {
      auto& self = *static_cast<Closer*>(context);
      CHECK_EQ(connection(self.socket).Basic.WskCloseSocket(self.socket, self.irp.get()),
               STATUS_PENDING);
      CHECK(!self.irp.is_done());  // this call is under way
      return STATUS_SUCCESS;
    }
    PWSK_SOCKET socket = nullptr;
    Irp irp;
  } closer;
  const WSK_CLIENT_CONNECTION_DISPATCH dispatch = {Closer::on_receive, nullptr, nullptr};
  Pair pair(client, false, nullptr, nullptr, &closer, &dispatch);
  closer.socket = pair.there;
  CHECK_EQ(set_events(pair.there, WSK_EVENT_RECEIVE), STATUS_SUCCESS);
  Buffer text("x");
  Irp sends;
  connection(pair.here).WskSend(pair.here, text.get(), 0, sends.get());
  CHECK_EQ(closer.irp.wait(), STATUS_SUCCESS);
  pair.there = nullptr;
  sends.wait();
}

// Calls on a fast connection that end at once take no turn, until a callback wants to hear.
WIN_CASE(WskEvents, AFastConnectionGivesItsCallbacksWhatComesAfterCalls) {
  REQ("WSK-1");
  Client client;
  Listener listener;
  Pair pair(client, true, &listener, &Listener::kAll);
  const auto talk = [&] {
    for (int i = 0; i < 50; ++i) {
      CHECK_EQ(wsk_case::send(pair.there, "out"), STATUS_SUCCESS);
      CHECK_EQ(receive(pair.here), "out");
      CHECK_EQ(wsk_case::send(pair.here, "and back"), STATUS_SUCCESS);
      CHECK_EQ(receive(pair.there), "and back");
    }
  };
  talk();
  CHECK_EQ(set_events(pair.here, WSK_EVENT_RECEIVE), STATUS_SUCCESS);
  CHECK_EQ(wsk_case::send(pair.there, "to the callback"), STATUS_SUCCESS);
  CHECK(listener.receives.reach(1));
  CHECK_EQ(listener.text(), "to the callback");
  Irp disabled;
  run(disabled,
      [&](PIRP i) { return set_events(pair.here, WSK_EVENT_RECEIVE | WSK_EVENT_DISABLE, i); });
  talk();
  CHECK_EQ(listener.receives.count(), 1);
  CHECK_EQ(set_events(pair.here, WSK_EVENT_DISCONNECT), STATUS_SUCCESS);
  CHECK_EQ(close(pair.there), STATUS_SUCCESS);
  pair.there = nullptr;
  CHECK(listener.disconnects.reach(1));
}

WIN_CASE(WskEvents, AFastSendBeyondTheRingGoesOnWhereItsLaneStopped) {
  REQ("WSK-1");
  Client client;
  Pair pair(client, true);
  CHECK_EQ(wsk_case::send(pair.here, "first"), STATUS_SUCCESS);
  CHECK_EQ(receive(pair.there), "first");
  constexpr std::size_t kBytes = 8u << 20;
  std::string text(kBytes, '\0');
  for (std::size_t i = 0; i < kBytes; ++i) text[i] = static_cast<char>(i * 7 + i / 1000);
  Buffer buffer(text);
  Irp irp;
  CHECK_EQ(connection(pair.here).WskSend(pair.here, buffer.get(), 0, irp.get()), STATUS_PENDING);
  std::string got;
  while (got.size() < kBytes) {
    const std::string piece = receive(pair.there, 100'000);
    REQUIRE(!piece.empty());
    got += piece;
  }
  CHECK(got == text);
  CHECK_EQ(irp.wait(), STATUS_SUCCESS);
  CHECK_EQ(irp.information(), kBytes);
  CHECK_EQ(wsk_case::send(pair.here, "last"), STATUS_SUCCESS);
  CHECK_EQ(receive(pair.there), "last");
}

}  // namespace
