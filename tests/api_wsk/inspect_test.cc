// Conditional accept mode: WskInspectEvent, WskInspectComplete, WskAbortEvent.
#include <mutex>

#include "api_wsk/wsk_case.h"

namespace {

using namespace wsk_case;

struct Inspector {
  static WSK_INSPECT_ACTION WSKAPI on_inspect(PVOID context, PSOCKADDR local, PSOCKADDR remote,
                                              PWSK_INSPECT_ID id) {
    auto& self = *static_cast<Inspector*>(context);
    CHECK_EQ(KeGetCurrentIrql(), DISPATCH_LEVEL);
    CHECK_EQ(local->sa_family, AF_INET);
    CHECK_EQ(remote->sa_family, AF_INET);
    const std::lock_guard hold(self.lock);
    self.id = *id;
    self.asked.add();
    return self.answer;
  }
  static NTSTATUS WSKAPI on_abort(PVOID context, PWSK_INSPECT_ID id) {
    auto& self = *static_cast<Inspector*>(context);
    const std::lock_guard hold(self.lock);
    CHECK_EQ(id->SerialNumber, self.id.SerialNumber);
    self.aborted.add();
    return STATUS_SUCCESS;
  }
  static constexpr WSK_CLIENT_LISTEN_DISPATCH kAll = {nullptr, on_inspect, on_abort};

  PWSK_SOCKET listen(Client& client, bool is_fast = false) {
    PWSK_SOCKET s = client.socket(WSK_FLAG_LISTEN_SOCKET, this, &kAll);
    if (is_fast) CHECK_EQ(ask_for_fast_path(s), STATUS_SUCCESS);
    ULONG on = 1;
    CHECK_EQ(control(s, WskSetOption, SO_CONDITIONAL_ACCEPT, SOL_SOCKET, &on, sizeof on),
             STATUS_SUCCESS);
    CHECK_EQ(bind(s), STATUS_SUCCESS);
    CHECK_EQ(control(s, WskSetOption, SO_CONDITIONAL_ACCEPT, SOL_SOCKET, &on, sizeof on),
             STATUS_INVALID_DEVICE_STATE);  // too late
    return s;
  }
  NTSTATUS complete(PWSK_SOCKET s, WSK_INSPECT_ACTION action) {
    return run([&](PIRP i) { return listening(s).WskInspectComplete(s, &id, action, i); });
  }
  /// The callback has returned WskInspectPend once this is no more STATUS_NOT_FOUND.
  NTSTATUS complete_pending(PWSK_SOCKET s, WSK_INSPECT_ACTION action) {
    NTSTATUS status = STATUS_NOT_FOUND;
    while (status == STATUS_NOT_FOUND) status = complete(s, action);
    return status;
  }

  std::mutex lock;
  WSK_INSPECT_ACTION answer = WskInspectAccept;
  WSK_INSPECT_ID id{};
  Counter asked, aborted;
};

/// A connect under way.
struct Attempt {
  Attempt(Client& client, PWSK_SOCKET listener, bool is_fast = false)
      : s(client.socket(WSK_FLAG_CONNECTION_SOCKET)) {
    if (is_fast) CHECK_EQ(ask_for_fast_path(s), STATUS_SUCCESS);
    CHECK_EQ(bind(s), STATUS_SUCCESS);
    sockaddr_in remote = address(port_of_listening(listener));
    connection(s).WskConnect(s, name(remote), 0, connects.get());
  }
  PWSK_SOCKET s;
  Irp connects;
};

WIN_CASE(WskInspect, AcceptsAtOnceOrLater) {
  REQ("WSK-1");
  REQ("LFP-10");
  Client client;
  for (const bool is_fast : {false, true}) {
    for (const WSK_INSPECT_ACTION answer : {WskInspectAccept, WskInspectPend}) {
      Inspector inspector;
      inspector.answer = answer;
      PWSK_SOCKET listener = inspector.listen(client, is_fast);
      Irp accepts;
      CHECK_EQ(listening(listener).WskAccept(listener, 0, nullptr, nullptr, nullptr, nullptr,
                                             accepts.get()),
               STATUS_PENDING);
      Attempt attempt(client, listener, is_fast);
      CHECK(inspector.asked.reach(1));
      if (answer == WskInspectPend) {
        CHECK(!accepts.is_done());
        CHECK(!attempt.connects.is_done());
        CHECK_EQ(inspector.complete_pending(listener, WskInspectAccept), STATUS_SUCCESS);
        CHECK_EQ(inspector.complete(listener, WskInspectAccept), STATUS_NOT_FOUND);
      }
      CHECK_EQ(accepts.wait(), STATUS_SUCCESS);
      CHECK_EQ(attempt.connects.wait(), STATUS_SUCCESS);
      CHECK_EQ(send(attempt.s, "hello"), STATUS_SUCCESS);
      CHECK_EQ(receive(accepts.socket()), "hello");
      for (PWSK_SOCKET one : {attempt.s, accepts.socket(), listener}) {
        CHECK_EQ(close(one), STATUS_SUCCESS);
      }
    }
  }
}

WIN_CASE(WskInspect, WhoIsRejectedIsRefused) {
  REQ("WSK-1");
  REQ("LFP-10");
  Client client;
  for (const bool is_fast : {false, true}) {
    for (const WSK_INSPECT_ACTION answer : {WskInspectReject, WskInspectPend}) {
      Inspector inspector;
      inspector.answer = answer;
      PWSK_SOCKET listener = inspector.listen(client, is_fast);
      Attempt attempt(client, listener, is_fast);
      CHECK(inspector.asked.reach(1));
      if (answer == WskInspectPend) {
        CHECK_EQ(inspector.complete_pending(listener, WskInspectReject), STATUS_SUCCESS);
      }
      CHECK_EQ(attempt.connects.wait(), STATUS_CONNECTION_REFUSED);
      CHECK_EQ(close(attempt.s), STATUS_SUCCESS);
      CHECK_EQ(close(listener), STATUS_SUCCESS);
    }
  }
}

// A connect on the fast path that is given up is known to be; one with segments leaves no word.
WIN_CASE(WskInspect, HearsOfPeersThatGo) {
  REQ("WSK-1");
  REQ("LFP-10");
  Client client;
  Inspector inspector;
  inspector.answer = WskInspectPend;
  PWSK_SOCKET listener = inspector.listen(client, true);
  Attempt first(client, listener, true);
  CHECK(inspector.asked.reach(1));
  CHECK_EQ(close(first.s), STATUS_SUCCESS);
  CHECK_EQ(first.connects.wait(), STATUS_CANCELLED);
  CHECK(inspector.aborted.reach(1));
  CHECK_EQ(inspector.complete(listener, WskInspectAccept), STATUS_NOT_FOUND);
  CHECK_EQ(inspector.complete(listener, WskInspectPend), STATUS_INVALID_PARAMETER);
  Attempt second(client, listener, true);  // still asked about when the socket closes
  Attempt third(client, listener);
  CHECK(inspector.asked.reach(3));
  CHECK_EQ(close(listener), STATUS_SUCCESS);
  for (Attempt* one : {&second, &third}) {
    CHECK_EQ(one->connects.wait(), STATUS_CONNECTION_REFUSED);
    CHECK_EQ(close(one->s), STATUS_SUCCESS);
  }
}

WIN_CASE(WskInspect, OrdinaryListenersInspectNothing) {
  Client client;
  PWSK_SOCKET listener = client.socket(WSK_FLAG_LISTEN_SOCKET);
  CHECK_EQ(bind(listener), STATUS_SUCCESS);
  WSK_INSPECT_ID id{};
  CHECK_EQ(run([&](PIRP i) {
             return listening(listener).WskInspectComplete(listener, &id, WskInspectAccept, i);
           }),
           STATUS_INVALID_DEVICE_STATE);
  CHECK_EQ(run([&](PIRP i) {
             return listening(listener).WskInspectComplete(listener, nullptr, WskInspectAccept, i);
           }),
           STATUS_INVALID_PARAMETER);
  ULONG value = 0;
  CHECK_EQ(
      basic(listener).WskControlSocket(listener, WskGetOption, SO_CONDITIONAL_ACCEPT, SOL_SOCKET, 0,
                                       nullptr, sizeof value, &value, nullptr, nullptr),
      STATUS_INVALID_PARAMETER);  // the IRP is required
  CHECK_EQ(close(listener), STATUS_SUCCESS);
}

}  // namespace
