// Datagram sockets: sending, receiving, indications, fixed addresses.
#include <mutex>

#include "api_wsk/wsk_case.h"

namespace {

using namespace wsk_case;

PWSK_SOCKET datagram_socket(Client& client, PVOID context = nullptr,
                            const WSK_CLIENT_DATAGRAM_DISPATCH* dispatch = nullptr) {
  return client.socket(WSK_FLAG_DATAGRAM_SOCKET, context, dispatch, SOCK_DGRAM, IPPROTO_UDP);
}
sockaddr_in local_of(PWSK_SOCKET s) {
  sockaddr_in local{};
  CHECK_EQ(run([&](PIRP i) { return datagrams(s).WskGetLocalAddress(s, name(local), i); }),
           STATUS_SUCCESS);
  return local;
}
NTSTATUS bind_datagrams(PWSK_SOCKET s) {
  sockaddr_in any = address(0);
  return run([&](PIRP i) { return datagrams(s).WskBind(s, name(any), 0, i); });
}
NTSTATUS send_to(PWSK_SOCKET s, const std::string& text, sockaddr_in* to) {
  Buffer buffer(text);
  return run([&](PIRP i) {
    return datagrams(s).WskSendTo(s, buffer.get(), 0, to == nullptr ? nullptr : name(*to), 0,
                                  nullptr, i);
  });
}

WIN_CASE(WskDatagrams, SendAndReceive) {
  REQ("WSK-1");
  Client client;
  PWSK_SOCKET a = datagram_socket(client), b = datagram_socket(client);
  CHECK_EQ(bind_datagrams(a), STATUS_SUCCESS);
  CHECK_EQ(bind_datagrams(b), STATUS_SUCCESS);
  sockaddr_in to = local_of(b), from{};
  Buffer in(4);
  ULONG control_bytes = 77, flags = 77;
  Irp receives;
  const auto wait = [&](PIRP i) {
    return datagrams(b).WskReceiveFrom(b, in.get(), 0, name(from), &control_bytes, nullptr, &flags,
                                       i);
  };
  CHECK_EQ(wait(receives.get()), STATUS_PENDING);
  CHECK_EQ(send_to(a, "abc", &to), STATUS_SUCCESS);
  CHECK_EQ(receives.wait(), STATUS_SUCCESS);
  CHECK_EQ(in.first(receives.information()), "abc");
  CHECK_EQ(from.sin_port, local_of(a).sin_port);
  CHECK_EQ(control_bytes, 0u);
  CHECK_EQ(flags, 0u);
  CHECK_EQ(send_to(a, "abcdef", &to), STATUS_SUCCESS);
  CHECK_EQ(run(receives, wait), STATUS_BUFFER_OVERFLOW);
  CHECK_EQ(in.first(receives.information()), "abcd");
  CHECK_EQ(flags, ULONG{MSG_TRUNC});
  CHECK_EQ(wait(receives.arm()), STATUS_PENDING);
  CHECK(IoCancelIrp(receives.get()));
  CHECK_EQ(receives.wait(), STATUS_CANCELLED);
  CHECK_EQ(wait(receives.arm()), STATUS_PENDING);
  CHECK_EQ(close(a), STATUS_SUCCESS);
  CHECK_EQ(close(b), STATUS_SUCCESS);
  CHECK_EQ(receives.wait(), STATUS_CANCELLED);
}

WIN_CASE(WskDatagrams, FixedAddresses) {
  REQ("WSK-1");
  Client client;
  PWSK_SOCKET a = datagram_socket(client), b = datagram_socket(client);
  sockaddr_in to{};
  CHECK_EQ(control(a, WskIoctl, SIO_WSK_SET_SENDTO_ADDRESS, 0, &to, sizeof to),
           STATUS_INVALID_DEVICE_STATE);  // not bound
  CHECK_EQ(bind_datagrams(a), STATUS_SUCCESS);
  CHECK_EQ(bind_datagrams(b), STATUS_SUCCESS);
  to = local_of(b);
  CHECK_EQ(send_to(a, "x", nullptr), STATUS_INVALID_PARAMETER);
  for (const ULONG code : {SIO_WSK_SET_SENDTO_ADDRESS, SIO_WSK_SET_REMOTE_ADDRESS}) {
    CHECK_EQ(control(a, WskIoctl, code, 0, &to, sizeof to), STATUS_SUCCESS);
    CHECK_EQ(send_to(a, "fixed", nullptr), STATUS_SUCCESS);
    Buffer in(16);
    Irp irp;
    CHECK_EQ(run(irp,
                 [&](PIRP i) {
                   return datagrams(b).WskReceiveFrom(b, in.get(), 0, nullptr, nullptr, nullptr,
                                                      nullptr, i);
                 }),
             STATUS_SUCCESS);
    CHECK_EQ(in.first(irp.information()), "fixed");
  }
  CHECK_EQ(control(a, WskIoctl, SIO_WSK_SET_REMOTE_ADDRESS, 0, &to, 3), STATUS_INVALID_PARAMETER);
  CHECK_EQ(close(a), STATUS_SUCCESS);
  CHECK_EQ(close(b), STATUS_SUCCESS);
}

struct Hearer {
  static NTSTATUS WSKAPI on_datagrams(PVOID context, ULONG, PWSK_DATAGRAM_INDICATION list) {
    auto& self = *static_cast<Hearer*>(context);
    const std::lock_guard hold(self.lock);
    int count = 0;
    for (PWSK_DATAGRAM_INDICATION one = list; one != nullptr; one = one->Next) {
      const auto* data = static_cast<const char*>(
          MmGetSystemAddressForMdlSafe(one->Buffer.Mdl, NormalPagePriority));
      self.got += std::string(data + one->Buffer.Offset, one->Buffer.Length) + ";";
      CHECK_EQ(one->RemoteAddress->sa_family, AF_INET);
      ++count;
    }
    if (self.answer == STATUS_PENDING) self.kept.push_back(list);
    self.heard.add(count);
    return self.answer;
  }
  static constexpr WSK_CLIENT_DATAGRAM_DISPATCH kAll = {on_datagrams};
  std::mutex lock;
  std::string got;
  NTSTATUS answer = STATUS_SUCCESS;
  std::vector<PWSK_DATAGRAM_INDICATION> kept;
  Counter heard;
};

WIN_CASE(WskDatagrams, ReceiveFromEvent) {
  REQ("WSK-1");
  Client client;
  for (const NTSTATUS answer : {STATUS_SUCCESS, STATUS_PENDING}) {
    Hearer hearer;
    hearer.answer = answer;
    PWSK_SOCKET a = datagram_socket(client);
    PWSK_SOCKET b = datagram_socket(client, &hearer, &Hearer::kAll);
    CHECK_EQ(set_events(b, WSK_EVENT_RECEIVE_FROM), STATUS_INVALID_DEVICE_STATE);
    CHECK_EQ(bind_datagrams(a), STATUS_SUCCESS);
    CHECK_EQ(bind_datagrams(b), STATUS_SUCCESS);
    sockaddr_in to = local_of(b);
    CHECK_EQ(send_to(a, "before", &to), STATUS_SUCCESS);
    CHECK_EQ(set_events(b, WSK_EVENT_RECEIVE_FROM), STATUS_SUCCESS);
    CHECK_EQ(send_to(a, "after", &to), STATUS_SUCCESS);
    CHECK(hearer.heard.reach(2));
    {
      const std::lock_guard hold(hearer.lock);
      CHECK_EQ(hearer.got, "before;after;");
      for (PWSK_DATAGRAM_INDICATION one : hearer.kept) {
        CHECK_EQ(datagrams(b).WskRelease(b, one), STATUS_SUCCESS);
      }
    }
    CHECK_EQ(datagrams(b).WskRelease(b, nullptr), STATUS_INVALID_PARAMETER);
    // The handler may still be returning from the second datagram.
    const NTSTATUS disabled = set_events(b, WSK_EVENT_RECEIVE_FROM | WSK_EVENT_DISABLE);
    CHECK(disabled == STATUS_SUCCESS || disabled == STATUS_EVENT_PENDING);
    CHECK_EQ(close(a), STATUS_SUCCESS);
    CHECK_EQ(close(b), STATUS_SUCCESS);
  }
}

WIN_CASE(WskDatagrams, ManyWithOneCall) {
  REQ("WSK-1");
  Client client;
  PWSK_SOCKET a = datagram_socket(client), b = datagram_socket(client);
  CHECK_EQ(bind_datagrams(a), STATUS_SUCCESS);
  CHECK_EQ(bind_datagrams(b), STATUS_SUCCESS);
  sockaddr_in to = local_of(b);
  Buffer one("one"), two("two");
  WSK_BUF_LIST second = {nullptr, two.buf}, first = {&second, one.buf};
  Irp irp;
  CHECK_EQ(run(irp,
               [&](PIRP i) {
                 return datagrams(a).WskSendMessages(a, &first, 0, name(to), 0, nullptr, i);
               }),
           STATUS_SUCCESS);
  CHECK_EQ(irp.information(), 6u);
  for (const char* text : {"one", "two"}) {
    Buffer in(16);
    CHECK_EQ(run(irp,
                 [&](PIRP i) {
                   return datagrams(b).WskReceiveFrom(b, in.get(), 0, nullptr, nullptr, nullptr,
                                                      nullptr, i);
                 }),
             STATUS_SUCCESS);
    CHECK_EQ(in.first(irp.information()), text);
  }
  CHECK_EQ(close(a), STATUS_SUCCESS);
  CHECK_EQ(close(b), STATUS_SUCCESS);
}

}  // namespace
