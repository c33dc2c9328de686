// Sockets that listen and connect: every call once, on both loopback paths.
#include <malloc.h>

#include <memory>
#include <thread>

#include "api_wsk/wsk_case.h"

namespace {

using namespace wsk_case;

WIN_CASE(WskConnection, TalksOnBothLoopbackPaths) {
  REQ("WSK-1");
  REQ("LFP-1");
  Client client;
  for (const bool is_fast : {false, true}) {
    Pair pair(client, is_fast);
    CHECK_EQ(send(pair.here, "hello"), STATUS_SUCCESS);
    CHECK_EQ(receive(pair.there), "hello");
    CHECK_EQ(send(pair.there, "and back", WSK_FLAG_NODELAY), STATUS_SUCCESS);
    CHECK_EQ(receive(pair.here), "and back");
    sockaddr_in here{}, there{};
    CHECK_EQ(run([&](PIRP i) {
               return connection(pair.here).WskGetLocalAddress(pair.here, name(here), i);
             }),
             STATUS_SUCCESS);
    CHECK_EQ(run([&](PIRP i) {
               return connection(pair.there).WskGetRemoteAddress(pair.there, name(there), i);
             }),
             STATUS_SUCCESS);
    CHECK_EQ(here.sin_port, there.sin_port);
    CHECK_EQ(there.sin_addr.s_addr, RtlUlongByteSwap(INADDR_LOOPBACK));
  }
}

WIN_CASE(WskConnection, ACompletionRoutineRunsOnceAtDispatchLevel) {
  REQ("WSK-2");
  Client client;
  Pair pair(client);
  Buffer in(16);
  Irp receives, sends;
  CHECK_EQ(connection(pair.there).WskReceive(pair.there, in.get(), 0, receives.get()),
           STATUS_PENDING);
  CHECK(!receives.is_done());
  Buffer out("x");
  CHECK_EQ(
      run(sends, [&](PIRP i) { return connection(pair.here).WskSend(pair.here, out.get(), 0, i); }),
      STATUS_SUCCESS);
  CHECK_EQ(receives.wait(), STATUS_SUCCESS);
  CHECK_EQ(receives.information(), 1u);
  CHECK(receives.get()->PendingReturned);
  for (Irp* irp : {&receives, &sends}) {
    CHECK_EQ(irp->completions.load(), 1);
    CHECK_EQ(irp->level.load(), DISPATCH_LEVEL);
  }
}

// REQ ISB-11
WIN_CASE(WskConnection, ASendBuffersNothing) {
  REQ("ISB-11");
  Client client;
  for (const bool is_fast : {false, true}) {
    Pair pair(client, is_fast);
    Buffer large(64u << 20);  // more than any receive buffer
    Irp irp;
    CHECK_EQ(connection(pair.here).WskSend(pair.here, large.get(), 0, irp.get()), STATUS_PENDING);
    std::size_t got = 0;
    while (got < large.bytes.size() / 2) got += receive(pair.there, 1u << 20).size();
    CHECK(!irp.is_done());
    while (got < large.bytes.size()) got += receive(pair.there, 1u << 20).size();
    CHECK_EQ(irp.wait(), STATUS_SUCCESS);
    CHECK_EQ(irp.information(), large.bytes.size());
  }
}

// What the process's memory grows by, the allocator's own part included.
WIN_CASE(WskConnection, APendingIrpCostsLittleMoreThanItself) {
  REQ("WSK-2");
  constexpr std::size_t kIrps = 10'000;
  constexpr std::size_t kBytesMax = 256;
  Client client;
  for (const bool is_fast : {false, true}) {
    Buffer in(1);
    std::vector<std::unique_ptr<Irp>> irps;
    for (std::size_t i = 0; i < kIrps; ++i) irps.push_back(std::make_unique<Irp>());
    {
      Pair pair(client, is_fast);
      const std::size_t before = mallinfo2().uordblks;
      if (before == 0) WIN_SKIP("this allocator does not count");
      for (const auto& irp : irps) {
        CHECK_EQ(connection(pair.there).WskReceive(pair.there, in.get(), 0, irp->get()),
                 STATUS_PENDING);
      }
      const std::size_t each = (mallinfo2().uordblks - before) / kIrps;
      CHECK_GT(each, 0u);  // it was counted
      CHECK_LE(each, kBytesMax);
    }
    for (const auto& irp : irps) CHECK(!NT_SUCCESS(irp->wait()));
  }
}

WIN_CASE(WskConnection, BuffersOfManyMdlsAndOffsets) {
  REQ("WSK-2");
  Client client;
  for (const bool is_fast : {false, true}) {
    Pair pair(client, is_fast);
    Buffer a("..ab"), b("cdef"), c("gh.."), d("never");
    a.buf.Mdl->Next = b.buf.Mdl;
    b.buf.Mdl->Next = c.buf.Mdl;
    c.buf.Mdl->Next = d.buf.Mdl;
    WSK_BUF chain = {a.buf.Mdl, 2, 8};
    CHECK_EQ(run([&](PIRP i) { return connection(pair.here).WskSend(pair.here, &chain, 0, i); }),
             STATUS_SUCCESS);
    Buffer x(3), y(4), z(9);
    x.buf.Mdl->Next = y.buf.Mdl;
    y.buf.Mdl->Next = z.buf.Mdl;
    WSK_BUF in = {x.buf.Mdl, 1, 8};
    Irp irp;
    CHECK_EQ(run(irp,
                 [&](PIRP i) {
                   return connection(pair.there).WskReceive(pair.there, &in, WSK_FLAG_WAITALL, i);
                 }),
             STATUS_SUCCESS);
    CHECK_EQ(irp.information(), 8u);
    CHECK_EQ(x.bytes.substr(1) + y.bytes + z.bytes.substr(0, 2), "abcdefgh");
  }
}

WIN_CASE(WskConnection, WaitAllFillsTheBuffer) {
  REQ("WSK-1");
  Client client;
  for (const bool is_fast : {false, true}) {
    Pair pair(client, is_fast);
    Buffer in(6);
    Irp irp;
    CHECK_EQ(send(pair.here, "abc"), STATUS_SUCCESS);
    CHECK_EQ(connection(pair.there).WskReceive(pair.there, in.get(), WSK_FLAG_WAITALL, irp.get()),
             STATUS_PENDING);
    CHECK_EQ(send(pair.here, "defgh"), STATUS_SUCCESS);
    CHECK_EQ(irp.wait(), STATUS_SUCCESS);
    CHECK_EQ(in.first(irp.information()), "abcdef");
    CHECK_EQ(receive(pair.there), "gh");
  }
}

WIN_CASE(WskConnection, AGracefulDisconnectSendsItsDataFirst) {
  REQ("WSK-1");
  Client client;
  for (const bool is_fast : {false, true}) {
    Pair pair(client, is_fast);
    Buffer last("goodbye");
    CHECK_EQ(run([&](PIRP i) {
               return connection(pair.here).WskDisconnect(pair.here, last.get(), 0, i);
             }),
             STATUS_SUCCESS);
    CHECK_EQ(receive(pair.there), "goodbye");
    CHECK_EQ(receive(pair.there), "");  // the end
    CHECK(!NT_SUCCESS(send(pair.here, "x")));
    CHECK_EQ(send(pair.there, "still open"), STATUS_SUCCESS);
    CHECK_EQ(receive(pair.here), "still open");
    CHECK_EQ(run([&](PIRP i) {
               return connection(pair.there).WskDisconnect(pair.there, nullptr, 0, i);
             }),
             STATUS_SUCCESS);
    CHECK_EQ(receive(pair.here), "");
  }
}

WIN_CASE(WskConnection, AnAbortiveDisconnectEndsEverything) {
  REQ("WSK-1");
  Client client;
  for (const bool is_fast : {false, true}) {
    Pair pair(client, is_fast);
    Buffer in(8), large(64u << 20);
    Irp receives, sends, there;
    CHECK_EQ(connection(pair.here).WskReceive(pair.here, in.get(), 0, receives.get()),
             STATUS_PENDING);
    CHECK_EQ(connection(pair.here).WskSend(pair.here, large.get(), 0, sends.get()), STATUS_PENDING);
    CHECK_EQ(run([&](PIRP i) {
               return connection(pair.here).WskDisconnect(pair.here, nullptr, WSK_FLAG_ABORTIVE, i);
             }),
             STATUS_SUCCESS);
    CHECK_EQ(receives.wait(), STATUS_CONNECTION_ABORTED);
    CHECK_EQ(sends.wait(), STATUS_CONNECTION_ABORTED);
    for (;;) {  // what had arrived, then the reset
      const std::string got = receive(pair.there, 1u << 20);
      if (got.empty() || got[0] == '!') {
        CHECK_EQ(got, "!" + win_case::show(STATUS_CONNECTION_RESET));
        break;
      }
    }
    CHECK_EQ(run(there,
                 [&](PIRP i) {
                   return connection(pair.here).WskDisconnect(pair.here, in.get(),
                                                              WSK_FLAG_ABORTIVE, i);
                 }),
             STATUS_INVALID_PARAMETER);
  }
}

WIN_CASE(WskConnection, DrainReadsUntilTheEnd) {
  REQ("WSK-1");
  Client client;
  for (const bool is_fast : {false, true}) {
    Pair pair(client, is_fast);
    Buffer none("x");
    none.buf.Length = 0;
    Irp irp;
    CHECK_EQ(connection(pair.there).WskReceive(pair.there, none.get(), WSK_FLAG_DRAIN, irp.get()),
             STATUS_PENDING);
    CHECK_EQ(send(pair.here, std::string(300'000, 'x')), STATUS_SUCCESS);
    CHECK(!irp.is_done());
    CHECK_EQ(
        run([&](PIRP i) { return connection(pair.here).WskDisconnect(pair.here, nullptr, 0, i); }),
        STATUS_SUCCESS);
    CHECK_EQ(irp.wait(), STATUS_SUCCESS);
    CHECK_EQ(irp.information(), 0u);
  }
}

WIN_CASE(WskConnection, CloseCancelsAndCompletes) {
  REQ("WSK-2");
  Client client;
  for (const bool is_fast : {false, true}) {
    Pair pair(client, is_fast);
    Buffer in(8), also(8), large(64u << 20), none("x");
    none.buf.Length = 0;
    Irp receives, again, sends, accepts;
    CHECK_EQ(connection(pair.here).WskReceive(pair.here, in.get(), 0, receives.get()),
             STATUS_PENDING);
    CHECK_EQ(connection(pair.here).WskReceive(pair.here, also.get(), WSK_FLAG_WAITALL, again.get()),
             STATUS_PENDING);
    CHECK_EQ(connection(pair.here).WskSend(pair.here, large.get(), 0, sends.get()), STATUS_PENDING);
    CHECK_EQ(listening(pair.listener)
                 .WskAccept(pair.listener, 0, nullptr, nullptr, nullptr, nullptr, accepts.get()),
             STATUS_PENDING);
    CHECK_EQ(close(pair.here), STATUS_SUCCESS);
    CHECK_EQ(close(pair.listener), STATUS_SUCCESS);
    pair.here = pair.listener = nullptr;
    for (Irp* irp : {&receives, &again, &sends, &accepts}) {
      CHECK(irp->is_done());  // before the close was complete
      CHECK_EQ(irp->wait(), STATUS_CANCELLED);
      CHECK_EQ(irp->completions.load(), 1);
    }
  }
}

WIN_CASE(WskConnection, IrpsAreCancelled) {
  REQ("WSK-2");
  Client client;
  for (const bool is_fast : {false, true}) {
    Pair pair(client, is_fast);
    Buffer in(8), none("x");
    none.buf.Length = 0;
    Irp receives, accepts, drains;
    CHECK_EQ(connection(pair.here).WskReceive(pair.here, in.get(), 0, receives.get()),
             STATUS_PENDING);
    CHECK_EQ(
        connection(pair.there).WskReceive(pair.there, none.get(), WSK_FLAG_DRAIN, drains.get()),
        STATUS_PENDING);
    CHECK_EQ(listening(pair.listener)
                 .WskAccept(pair.listener, 0, nullptr, nullptr, nullptr, nullptr, accepts.get()),
             STATUS_PENDING);
    for (Irp* irp : {&receives, &accepts, &drains}) {
      CHECK(IoCancelIrp(irp->get()));
      CHECK_EQ(irp->wait(), STATUS_CANCELLED);
      CHECK(!IoCancelIrp(irp->get()));
      CHECK_EQ(irp->completions.load(), 1);
    }
    CHECK_EQ(send(pair.there, "goes on"), STATUS_SUCCESS);
    CHECK_EQ(receive(pair.here), "goes on");
  }
}

WIN_CASE(WskConnection, AnIrpThatWasCancelledBeforeEndsAtOnce) {
  REQ("WSK-2");
  Client client;
  Pair pair(client);
  Buffer in(8);
  Irp irp;
  IoCancelIrp(irp.get());
  CHECK_EQ(connection(pair.here).WskReceive(pair.here, in.get(), 0, irp.get()), STATUS_PENDING);
  CHECK_EQ(irp.wait(), STATUS_CANCELLED);
}

WIN_CASE(WskConnection, RefusedWhereNobodyListens) {
  Client client;
  PWSK_SOCKET listener = client.socket(WSK_FLAG_LISTEN_SOCKET);
  CHECK_EQ(bind(listener), STATUS_SUCCESS);
  const USHORT port = port_of_listening(listener);
  CHECK_EQ(close(listener), STATUS_SUCCESS);
  PWSK_SOCKET s = client.socket(WSK_FLAG_CONNECTION_SOCKET);
  CHECK_EQ(bind(s), STATUS_SUCCESS);
  CHECK_EQ(connect(s, port), STATUS_CONNECTION_REFUSED);
  CHECK_EQ(close(s), STATUS_SUCCESS);
}

WIN_CASE(WskConnection, SocketConnectDoesAllAtOnce) {
  REQ("WSK-1");
  Client client;
  PWSK_SOCKET listener = client.socket(WSK_FLAG_LISTEN_SOCKET);
  CHECK_EQ(bind(listener), STATUS_SUCCESS);
  sockaddr_in local = address(0), remote = address(port_of_listening(listener));
  Irp irp;
  const auto socket_connect = [&](PIRP i) {
    return client.provider.Dispatch->WskSocketConnect(
        client.provider.Client, SOCK_STREAM, IPPROTO_TCP, name(local), name(remote), 0, nullptr,
        nullptr, nullptr, nullptr, nullptr, i);
  };
  REQUIRE_EQ(run(irp, socket_connect), STATUS_SUCCESS);
  CHECK_EQ(send(irp.socket(), "hello"), STATUS_SUCCESS);
  CHECK_EQ(close(irp.socket()), STATUS_SUCCESS);
  CHECK_EQ(close(listener), STATUS_SUCCESS);
  CHECK_EQ(run(irp, socket_connect), STATUS_CONNECTION_REFUSED);  // and no socket is left
}

WIN_CASE(WskConnection, ConnectExSendsWithTheConnection) {
  REQ("WSK-1");
  Client client;
  PWSK_SOCKET listener = client.socket(WSK_FLAG_LISTEN_SOCKET);
  PWSK_SOCKET s = client.socket(WSK_FLAG_CONNECTION_SOCKET);
  CHECK_EQ(bind(listener), STATUS_SUCCESS);
  CHECK_EQ(bind(s), STATUS_SUCCESS);
  sockaddr_in remote = address(port_of_listening(listener));
  Buffer first("first words");
  Irp connects, accepts;
  connection(s).WskConnectEx(s, name(remote), first.get(), 0, connects.get());
  sockaddr_in its_local{}, its_remote{};
  CHECK_EQ(run(accepts,
               [&](PIRP i) {
                 return listening(listener).WskAccept(listener, 0, nullptr, nullptr,
                                                      name(its_local), name(its_remote), i);
               }),
           STATUS_SUCCESS);
  CHECK_EQ(its_local.sin_port, remote.sin_port);
  CHECK_EQ(its_remote.sin_family, AF_INET);
  CHECK_EQ(receive(accepts.socket()), "first words");
  CHECK_EQ(connects.wait(), STATUS_SUCCESS);
  CHECK_EQ(connects.information(), first.bytes.size());
  for (PWSK_SOCKET one : {s, accepts.socket(), listener}) CHECK_EQ(close(one), STATUS_SUCCESS);
}

WIN_CASE(WskConnection, AStreamSocketListensOrConnects) {
  REQ("WSK-1");
  Client client;
  const auto stream = [](PWSK_SOCKET s) -> const WSK_PROVIDER_STREAM_DISPATCH& {
    return *static_cast<const WSK_PROVIDER_STREAM_DISPATCH*>(s->Dispatch);
  };
  PWSK_SOCKET listener = client.socket(WSK_FLAG_STREAM_SOCKET);
  PWSK_SOCKET here = client.socket(WSK_FLAG_STREAM_SOCKET);
  sockaddr_in any = address(0);
  for (PWSK_SOCKET s : {listener, here}) {
    CHECK_EQ(run([&](PIRP i) { return stream(s).WskBind(s, name(any), 0, i); }), STATUS_SUCCESS);
  }
  CHECK_EQ(run([&](PIRP i) { return stream(listener).WskListen(listener, i); }), STATUS_SUCCESS);
  sockaddr_in to{};
  CHECK_EQ(run([&](PIRP i) { return stream(listener).WskGetLocalAddress(listener, name(to), i); }),
           STATUS_SUCCESS);
  Irp accepts;
  CHECK_EQ(
      stream(listener).WskAccept(listener, 0, nullptr, nullptr, nullptr, nullptr, accepts.get()),
      STATUS_PENDING);
  CHECK_EQ(run([&](PIRP i) { return stream(here).WskConnect(here, name(to), 0, i); }),
           STATUS_SUCCESS);
  CHECK_EQ(accepts.wait(), STATUS_SUCCESS);
  Buffer text("hi");
  CHECK_EQ(run([&](PIRP i) { return stream(here).WskSend(here, text.get(), 0, i); }),
           STATUS_SUCCESS);
  CHECK_EQ(receive(accepts.socket()), "hi");
  for (PWSK_SOCKET s : {here, accepts.socket(), listener}) CHECK_EQ(close(s), STATUS_SUCCESS);
}

// Its routine runs when the caller has come down, so until then the IRP is not the caller's.
WIN_CASE(WskConnection, ACallAbovePassiveLevelPends) {
  REQ("WSK-2");
  Client client;
  Pair pair(client);
  sockaddr_in at{};
  Irp irp;
  KIRQL before = PASSIVE_LEVEL;
  KeRaiseIrql(DISPATCH_LEVEL, &before);
  const NTSTATUS returned =
      connection(pair.here).WskGetLocalAddress(pair.here, name(at), irp.get());
  KeLowerIrql(before);
  CHECK_EQ(returned, STATUS_PENDING);
  CHECK_EQ(irp.wait(), STATUS_SUCCESS);
  CHECK(irp.has_pended);
  CHECK_NE(at.sin_port, 0);
}

// A receive that finds bytes while an earlier routine is still on its way out must not say that it
// is done before its own has run.
WIN_CASE(WskConnection, ReceivesThatFollowEachOtherAreDoneWhenTheySaySo) {
  REQ("WSK-2");
  constexpr std::size_t kBytes = 8'000'000, kPart = 40'000;
  Client client;
  Pair pair(client);
  Buffer all(kBytes), in(kPart);
  Irp sends, irp;
  connection(pair.here).WskSend(pair.here, all.get(), 0, sends.get());
  for (std::size_t got = 0; got < kBytes; got += irp.information()) {
    CHECK_EQ(
        run(irp,
            [&](PIRP i) { return connection(pair.there).WskReceive(pair.there, in.get(), 0, i); }),
        STATUS_SUCCESS);
    REQUIRE_NE(irp.information(), 0u);
  }
  CHECK_EQ(sends.wait(), STATUS_SUCCESS);
}

}  // namespace
