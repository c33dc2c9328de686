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

  PWSK_SOCKET listen(Client& client) {
    PWSK_SOCKET s = client.socket(WSK_FLAG_LISTEN_SOCKET, this, &kAll);
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

  std::mutex lock;
  WSK_INSPECT_ACTION answer = WskInspectAccept;
  WSK_INSPECT_ID id{};
  Counter asked, aborted;
};

PWSK_SOCKET connected(Client& client, PWSK_SOCKET listener) {
  PWSK_SOCKET s = client.socket(WSK_FLAG_CONNECTION_SOCKET);
  CHECK_EQ(bind(s), STATUS_SUCCESS);
  CHECK_EQ(connect(s, port_of_listening(listener)), STATUS_SUCCESS);
  return s;
}

WIN_CASE(WskInspect, AcceptsAtOnceOrLater) {
  REQ("WSK-1");
  Client client;
  for (const WSK_INSPECT_ACTION answer : {WskInspectAccept, WskInspectPend}) {
    Inspector inspector;
    inspector.answer = answer;
    PWSK_SOCKET listener = inspector.listen(client);
    Irp accepts;
    CHECK_EQ(listening(listener).WskAccept(listener, 0, nullptr, nullptr, nullptr, nullptr,
                                           accepts.get()),
             STATUS_PENDING);
    PWSK_SOCKET s = connected(client, listener);
    CHECK(inspector.asked.reach(1));
    if (answer == WskInspectPend) {
      CHECK(!accepts.is_done());
      NTSTATUS status = STATUS_NOT_FOUND;
      while (status == STATUS_NOT_FOUND) status = inspector.complete(listener, WskInspectAccept);
      CHECK_EQ(status, STATUS_SUCCESS);
      CHECK_EQ(inspector.complete(listener, WskInspectAccept), STATUS_NOT_FOUND);
    }
    CHECK_EQ(accepts.wait(), STATUS_SUCCESS);
    CHECK_EQ(send(s, "hello"), STATUS_SUCCESS);
    CHECK_EQ(receive(accepts.socket()), "hello");
    for (PWSK_SOCKET one : {s, accepts.socket(), listener}) CHECK_EQ(close(one), STATUS_SUCCESS);
  }
}

WIN_CASE(WskInspect, RejectsAndHearsOfPeersThatGo) {
  REQ("WSK-1");
  Client client;
  Inspector inspector;
  inspector.answer = WskInspectReject;
  PWSK_SOCKET listener = inspector.listen(client);
  PWSK_SOCKET s = connected(client, listener);
  CHECK(inspector.asked.reach(1));
  CHECK_EQ(receive(s), "!" + win_case::show(STATUS_CONNECTION_RESET));
  CHECK_EQ(close(s), STATUS_SUCCESS);
  {
    const std::lock_guard hold(inspector.lock);
    inspector.answer = WskInspectPend;
  }
  s = connected(client, listener);
  CHECK(inspector.asked.reach(2));
  CHECK_EQ(close(s), STATUS_SUCCESS);
  CHECK(inspector.aborted.reach(1));
  CHECK_EQ(inspector.complete(listener, WskInspectAccept), STATUS_NOT_FOUND);
  CHECK_EQ(inspector.complete(listener, WskInspectPend), STATUS_INVALID_PARAMETER);
  s = connected(client, listener);  // still asked about when the socket closes
  CHECK(inspector.asked.reach(3));
  CHECK_EQ(close(listener), STATUS_SUCCESS);
  CHECK_EQ(receive(s), "!" + win_case::show(STATUS_CONNECTION_RESET));
  CHECK_EQ(close(s), STATUS_SUCCESS);
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
