// What a driver may not pass: the status that it gets, and that nothing else happens. The checks
// that would end the process are off here; one case shows that they are there.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "api_wsk/wsk_case.h"

namespace {

using namespace wsk_case;

// Read once, at the first call.
const int kChecksAreOff = setenv("ORIEL_VERIFIER", "0", 0);

WIN_CASE(WskBadInput, IrpsThatNobodyWouldHearOf) {
  REQ("WSK-2");
  Client client;
  PWSK_SOCKET s = client.socket(WSK_FLAG_CONNECTION_SOCKET);
  sockaddr_in any = address(0);
  CHECK_EQ(connection(s).WskBind(s, name(any), 0, nullptr), STATUS_INVALID_PARAMETER);
  PIRP bare = IoAllocateIrp(1, FALSE);  // without a routine
  CHECK_EQ(connection(s).WskBind(s, name(any), 0, bare), STATUS_INVALID_PARAMETER);
  CHECK_EQ(bare->IoStatus.Status, STATUS_INVALID_PARAMETER);
  IoSetCompletionRoutine(
      bare, [](PDEVICE_OBJECT, PIRP, PVOID) -> NTSTATUS { return STATUS_MORE_PROCESSING_REQUIRED; },
      nullptr, TRUE, FALSE, TRUE);  // not on every end
  CHECK_EQ(connection(s).WskBind(s, name(any), 0, bare), STATUS_INVALID_PARAMETER);
  CHECK_EQ(basic(s).WskCloseSocket(s, bare), STATUS_INVALID_PARAMETER);
  CHECK_EQ(
      client.provider.Dispatch->WskSocket(client.provider.Client, AF_INET, SOCK_STREAM, IPPROTO_TCP,
                                          0, nullptr, nullptr, nullptr, nullptr, nullptr, bare),
      STATUS_INVALID_PARAMETER);
  IoFreeIrp(bare);
  CHECK_EQ(bind(s), STATUS_SUCCESS);  // none of those bound it
  CHECK_EQ(close(s), STATUS_SUCCESS);
}

WIN_CASE(WskBadInput, FunctionsOfAnotherKindOfSocket) {
  REQ("WSK-1");
  Client client;
  Pair pair(client);
  Buffer text("x");
  PWSK_SOCKET basic_socket = client.socket(WSK_FLAG_BASIC_SOCKET);
  const auto& c = connection(pair.here);
  const auto& l = listening(pair.listener);
  for (PWSK_SOCKET wrong : {pair.listener, basic_socket}) {
    CHECK_EQ(run([&](PIRP i) { return c.WskSend(wrong, text.get(), 0, i); }),
             STATUS_INVALID_DEVICE_REQUEST);
    CHECK_EQ(run([&](PIRP i) { return c.WskReceive(wrong, text.get(), 0, i); }),
             STATUS_INVALID_DEVICE_REQUEST);
    CHECK_EQ(run([&](PIRP i) { return c.WskDisconnect(wrong, nullptr, 0, i); }),
             STATUS_INVALID_DEVICE_REQUEST);
  }
  CHECK_EQ(
      run([&](PIRP i) { return l.WskAccept(pair.here, 0, nullptr, nullptr, nullptr, nullptr, i); }),
      STATUS_INVALID_DEVICE_REQUEST);
  sockaddr_in any = address(0);
  CHECK_EQ(run([&](PIRP i) { return c.WskBind(basic_socket, name(any), 0, i); }),
           STATUS_INVALID_DEVICE_REQUEST);
  CHECK_EQ(close(basic_socket), STATUS_SUCCESS);
}

WIN_CASE(WskBadInput, CallsInTheWrongState) {
  REQ("WSK-1");
  Client client;
  PWSK_SOCKET s = client.socket(WSK_FLAG_CONNECTION_SOCKET);
  Buffer text("x");
  CHECK_EQ(connect(s, 80), STATUS_INVALID_DEVICE_STATE);  // not bound
  CHECK_EQ(send(s, "x"), STATUS_INVALID_DEVICE_STATE);
  CHECK_EQ(run([&](PIRP i) { return connection(s).WskReceive(s, text.get(), 0, i); }),
           STATUS_INVALID_DEVICE_STATE);
  CHECK_EQ(run([&](PIRP i) { return connection(s).WskDisconnect(s, nullptr, 0, i); }),
           STATUS_INVALID_DEVICE_STATE);
  sockaddr_in out{};
  CHECK_EQ(run([&](PIRP i) { return connection(s).WskGetLocalAddress(s, name(out), i); }),
           STATUS_INVALID_DEVICE_STATE);
  CHECK_EQ(run([&](PIRP i) { return connection(s).WskGetRemoteAddress(s, name(out), i); }),
           STATUS_INVALID_DEVICE_STATE);
  CHECK_EQ(bind(s), STATUS_SUCCESS);
  CHECK_EQ(bind(s), STATUS_INVALID_DEVICE_STATE);
  CHECK_EQ(connect(s, 0), STATUS_INVALID_ADDRESS_COMPONENT);
  CHECK_EQ(close(s), STATUS_SUCCESS);
}

WIN_CASE(WskBadInput, NullAndForeignAddresses) {
  REQ("WSK-1");
  Client client;
  PWSK_SOCKET s = client.socket(WSK_FLAG_CONNECTION_SOCKET);
  CHECK_EQ(run([&](PIRP i) { return connection(s).WskBind(s, nullptr, 0, i); }),
           STATUS_INVALID_PARAMETER);
  sockaddr_in foreign = address(0);
  foreign.sin_family = AF_INET6;
  CHECK_EQ(run([&](PIRP i) { return connection(s).WskBind(s, name(foreign), 0, i); }),
           STATUS_INVALID_PARAMETER);
  sockaddr_in any = address(0);
  CHECK_EQ(run([&](PIRP i) { return connection(s).WskBind(s, name(any), 1, i); }),
           STATUS_INVALID_PARAMETER);
  sockaddr_in nowhere = address(0, 0x08080808);
  CHECK_EQ(run([&](PIRP i) { return connection(s).WskBind(s, name(nowhere), 0, i); }),
           STATUS_INVALID_ADDRESS_COMPONENT);
  CHECK_EQ(bind(s), STATUS_SUCCESS);
  CHECK_EQ(run([&](PIRP i) { return connection(s).WskConnect(s, nullptr, 0, i); }),
           STATUS_INVALID_PARAMETER);
  CHECK_EQ(run([&](PIRP i) { return connection(s).WskGetLocalAddress(s, nullptr, i); }),
           STATUS_INVALID_PARAMETER);
  CHECK_EQ(close(s), STATUS_SUCCESS);
  CHECK_EQ(run([&](PIRP i) { return basic(s).WskCloseSocket(nullptr, i); }),
           STATUS_INVALID_PARAMETER);
}

WIN_CASE(WskBadInput, BuffersThatReachBeyondTheirChain) {
  REQ("WSK-2");
  Client client;
  Pair pair(client);
  Buffer text("abcd");
  const auto both = [&](WSK_BUF* buffer) {
    CHECK_EQ(run([&](PIRP i) { return connection(pair.here).WskSend(pair.here, buffer, 0, i); }),
             STATUS_INVALID_PARAMETER);
    CHECK_EQ(run([&](PIRP i) { return connection(pair.here).WskReceive(pair.here, buffer, 0, i); }),
             STATUS_INVALID_PARAMETER);
  };
  both(nullptr);
  WSK_BUF beyond = {text.buf.Mdl, 5, 0};
  both(&beyond);
  beyond = {text.buf.Mdl, 1, 4};
  both(&beyond);
  beyond = {text.buf.Mdl, 0, SIZE_MAX};
  both(&beyond);
  beyond = {nullptr, 0, 1};
  both(&beyond);
  PMDL loop = text.buf.Mdl;
  loop->Next = loop;
  beyond = {loop, 0, SIZE_T{1} << 40};
  both(&beyond);
  loop->Next = nullptr;
  WSK_BUF whole = {text.buf.Mdl, 4, 0};  // the end of the chain is within it
  CHECK_EQ(run([&](PIRP i) { return connection(pair.here).WskSend(pair.here, &whole, 0, i); }),
           STATUS_SUCCESS);
  CHECK_EQ(send(pair.here, "fine"), STATUS_SUCCESS);
  CHECK_EQ(receive(pair.there), "fine");
}

WIN_CASE(WskBadInput, FlagsThatAreNone) {
  Client client;
  Pair pair(client);
  Buffer text("abcd");
  const auto& c = connection(pair.here);
  CHECK_EQ(run([&](PIRP i) { return c.WskSend(pair.here, text.get(), 0x100, i); }),
           STATUS_NOT_SUPPORTED);
  CHECK_EQ(run([&](PIRP i) { return c.WskReceive(pair.here, text.get(), 0x100, i); }),
           STATUS_NOT_SUPPORTED);
  CHECK_EQ(run([&](PIRP i) {
             return c.WskReceive(pair.here, text.get(), WSK_FLAG_WAITALL | WSK_FLAG_DRAIN, i);
           }),
           STATUS_INVALID_PARAMETER);
  CHECK_EQ(run([&](PIRP i) { return c.WskReceive(pair.here, text.get(), WSK_FLAG_DRAIN, i); }),
           STATUS_INVALID_PARAMETER);  // its length must be zero
  CHECK_EQ(run([&](PIRP i) { return c.WskDisconnect(pair.here, nullptr, 0x100, i); }),
           STATUS_INVALID_PARAMETER);
}

WIN_CASE(WskBadInput, SocketsThatAreNone) {
  REQ("WSK-1");
  Client client;
  const auto make = [&](ADDRESS_FAMILY family, USHORT type, ULONG protocol, ULONG flags) {
    return run([&](PIRP i) {
      return client.provider.Dispatch->WskSocket(client.provider.Client, family, type, protocol,
                                                 flags, nullptr, nullptr, nullptr, nullptr, nullptr,
                                                 i);
    });
  };
  CHECK_EQ(make(99, SOCK_STREAM, IPPROTO_TCP, 0), STATUS_NOT_SUPPORTED);
  CHECK_EQ(make(AF_INET, SOCK_RAW, IPPROTO_TCP, 0), STATUS_NOT_SUPPORTED);
  CHECK_EQ(make(AF_INET, SOCK_STREAM, IPPROTO_UDP, 0), STATUS_NOT_SUPPORTED);
  CHECK_EQ(make(AF_INET, SOCK_STREAM, IPPROTO_TCP, WSK_FLAG_DATAGRAM_SOCKET),
           STATUS_INVALID_PARAMETER);
  CHECK_EQ(make(AF_INET, SOCK_DGRAM, IPPROTO_UDP, WSK_FLAG_LISTEN_SOCKET),
           STATUS_INVALID_PARAMETER);
  CHECK_EQ(make(AF_INET, SOCK_STREAM, IPPROTO_TCP, 3), STATUS_INVALID_PARAMETER);
  CHECK_EQ(make(AF_INET, SOCK_STREAM, IPPROTO_TCP, WSK_FLAG_INVALID_SOCKET),
           STATUS_INVALID_PARAMETER);
  Irp irp;
  int nobody = 0;
  for (PWSK_CLIENT who : {PWSK_CLIENT{nullptr}, PWSK_CLIENT{&nobody}}) {
    CHECK_EQ(run(irp,
                 [&](PIRP i) {
                   return client.provider.Dispatch->WskSocket(who, AF_INET, SOCK_STREAM,
                                                              IPPROTO_TCP, 0, nullptr, nullptr,
                                                              nullptr, nullptr, nullptr, i);
                 }),
             STATUS_INVALID_PARAMETER);
  }
}

WIN_CASE(WskBadInput, ClosedSocketsAnswer) {
  REQ("WSK-1");
  Client client;
  PWSK_SOCKET s = client.socket(WSK_FLAG_CONNECTION_SOCKET);
  const auto d = connection(s);
  CHECK_EQ(close(s), STATUS_SUCCESS);
  Buffer text("x");
  CHECK_EQ(run([&](PIRP i) { return d.WskSend(s, text.get(), 0, i); }), STATUS_FILE_CLOSED);
  CHECK_EQ(run([&](PIRP i) { return d.Basic.WskCloseSocket(s, i); }), STATUS_FILE_CLOSED);
  CHECK_EQ(d.Basic.WskControlSocket(s, WskGetOption, SO_TYPE, SOL_SOCKET, 0, nullptr, 0, nullptr,
                                    nullptr, nullptr),
           STATUS_FILE_CLOSED);
}

// This thread remembers how it sent and received without the socket's lock (wsk/way_past.h).
WIN_CASE(WskBadInput, ClosedSocketsAnswerAlsoWhereTheyAreRemembered) {
  REQ("WSK-1");
  Client client;
  PWSK_SOCKET closed = nullptr;
  WSK_PROVIDER_CONNECTION_DISPATCH d{};
  Buffer buffer("x");
  {
    Pair pair(client, true);
    for (int i = 0; i < 3; ++i) {
      CHECK_EQ(send(pair.here, "abc"), STATUS_SUCCESS);
      CHECK_EQ(receive(pair.there), "abc");
      CHECK_EQ(send(pair.there, "def"), STATUS_SUCCESS);
      CHECK_EQ(receive(pair.here), "def");
    }
    closed = pair.here;
    d = connection(closed);
  }
  CHECK_EQ(run([&](PIRP i) { return d.WskSend(closed, buffer.get(), 0, i); }), STATUS_FILE_CLOSED);
  CHECK_EQ(run([&](PIRP i) { return d.WskReceive(closed, buffer.get(), 0, i); }),
           STATUS_FILE_CLOSED);
  // An IRP that nobody would hear of is refused there as well, and moves nothing.
  Pair pair(client, true);
  for (int i = 0; i < 3; ++i) {
    CHECK_EQ(send(pair.here, "abc"), STATUS_SUCCESS);
    CHECK_EQ(receive(pair.there), "abc");
  }
  const PIRP unheard = IoAllocateIrp(1, FALSE);
  CHECK_EQ(connection(pair.here).WskSend(pair.here, buffer.get(), 0, unheard),
           STATUS_INVALID_PARAMETER);
  IoFreeIrp(unheard);
  CHECK_EQ(send(pair.here, "end"), STATUS_SUCCESS);
  CHECK_EQ(receive(pair.there), "end");
}

void use_after_close() {
  Client client;
  PWSK_SOCKET s = client.socket(WSK_FLAG_CONNECTION_SOCKET);
  const auto d = connection(s);
  CHECK_EQ(close(s), STATUS_SUCCESS);
  Buffer text("x");
  Irp irp;
  d.WskSend(s, text.get(), 0, irp.get());
}

// With the checks on, that ends the process with a sentence: so this case runs itself as a child.
WIN_CASE(WskBadInput, AUseAfterCloseIsDetected) {
  REQ("WSK-1");
  if (getenv("WSK_USE_AFTER_CLOSE") != nullptr) return use_after_close();
  const pid_t child = fork();
  REQUIRE_GE(child, 0);
  if (child == 0) {
    setenv("ORIEL_VERIFIER", "1", 1);
    setenv("WSK_USE_AFTER_CLOSE", "1", 1);
    execl("/proc/self/exe", "/proc/self/exe", "--gtest_filter=WskBadInput.AUseAfterCloseIsDetected",
          nullptr);
    _exit(99);
  }
  int status = 0;
  REQUIRE_EQ(waitpid(child, &status, 0), child);
  CHECK(WIFSIGNALED(status));
  CHECK_EQ(WTERMSIG(status), SIGABRT);
}

}  // namespace
