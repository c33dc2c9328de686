// What filters do to sockets: connects and datagrams that are denied, accepts that are refused,
// bytes that change, on both families.
#include <fwpmu.h>
#include <mstcpip.h>
#include <winsock2.h>
#include <ws2tcpip.h>

#include <string>

#include "api_winsock/filter_session.h"
#include "api_winsock/started.h"
#include "support/win_case.h"

namespace {

constexpr GUID kHeavy = {1, 2, 3, {4}};
constexpr GUID kLight = {1, 2, 3, {5}};
constexpr GUID kCallout = {1, 2, 3, {6}};

/// A listener on the loopback address of a family, and its name.
struct Listening {
  explicit Listening(int family, int type = SOCK_STREAM) {
    s = socket(family, type, 0);
    CHECK(s != INVALID_SOCKET);
    name.ss_family = static_cast<ADDRESS_FAMILY>(family);
    if (family == AF_INET) {
      reinterpret_cast<sockaddr_in&>(name).sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    } else {
      reinterpret_cast<sockaddr_in6&>(name).sin6_addr.s6_addr[15] = 1;
    }
    bytes = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    CHECK_EQ(bind(s, reinterpret_cast<sockaddr*>(&name), bytes), 0);
    CHECK_EQ(getsockname(s, reinterpret_cast<sockaddr*>(&name), &bytes), 0);
    if (type == SOCK_STREAM) CHECK_EQ(listen(s, 5), 0);
  }
  ~Listening() { closesocket(s); }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;

  UINT16 port() const { return ntohs(reinterpret_cast<const sockaddr_in&>(name).sin_port); }
  const sockaddr* address() const { return reinterpret_cast<const sockaddr*>(&name); }
  /// 0 or the error; the socket is gone.
  int try_connect() const {
    const SOCKET c = socket(name.ss_family, SOCK_STREAM, 0);
    const int e = connect(c, address(), bytes) == 0 ? 0 : WSAGetLastError();
    closesocket(c);
    return e;
  }

  SOCKET s = INVALID_SOCKET;
  sockaddr_storage name{};
  int bytes = 0;
};

const GUID& layer(int family, const GUID& v4, const GUID& v6) {
  return family == AF_INET ? v4 : v6;
}
const GUID& connect_layer(int family) {
  return layer(family, FWPM_LAYER_ALE_AUTH_CONNECT_V4, FWPM_LAYER_ALE_AUTH_CONNECT_V6);
}

}  // namespace

WIN_CASE(FilterEffects, ABlockedConnectGivesWsaeacces) {
  const Started started;
  for (const int family : {AF_INET, AF_INET6}) {
    const Listening l(family);
    const Listening other(family);
    const FilterSession session;
    const UINT64 id = add(session, filter_at(connect_layer(family), FWP_ACTION_BLOCK),
                          {port_condition(FWPM_CONDITION_IP_REMOTE_PORT, l.port())});
    CHECK_EQ(l.try_connect(), WSAEACCES);
    CHECK_EQ(other.try_connect(), 0);
    CHECK_EQ(FwpmFilterDeleteById0(session.handle(), id), 0u);
    CHECK_EQ(l.try_connect(), 0);
  }
}

WIN_CASE(FilterEffects, FamiliesHaveLayersOfTheirOwn) {
  const Started started;
  const Listening v4(AF_INET);
  const Listening v6(AF_INET6);
  const FilterSession session;
  add(session, filter_at(FWPM_LAYER_ALE_AUTH_CONNECT_V6, FWP_ACTION_BLOCK));
  CHECK_EQ(v4.try_connect(), 0);
  CHECK_EQ(v6.try_connect(), WSAEACCES);
}

WIN_CASE(FilterEffects, ABlockedAcceptRefusesThePeer) {
  const Started started;
  for (const int family : {AF_INET, AF_INET6}) {
    const Listening l(family);
    const FilterSession session;
    add(session,
        filter_at(
            layer(family, FWPM_LAYER_ALE_AUTH_RECV_ACCEPT_V4, FWPM_LAYER_ALE_AUTH_RECV_ACCEPT_V6),
            FWP_ACTION_BLOCK),
        {port_condition(FWPM_CONDITION_IP_LOCAL_PORT, l.port())});
    CHECK_EQ(l.try_connect(), WSAECONNREFUSED);
  }
}

WIN_CASE(FilterEffects, ABlockedDatagramGivesWsaeacces) {
  const Started started;
  for (const int family : {AF_INET, AF_INET6}) {
    const Listening to(family, SOCK_DGRAM);
    const SOCKET from = socket(family, SOCK_DGRAM, 0);
    {
      const FilterSession session;
      FWPM_FILTER_CONDITION0 udp{};
      udp.fieldKey = FWPM_CONDITION_IP_PROTOCOL;
      udp.matchType = FWP_MATCH_EQUAL;
      udp.conditionValue.type = FWP_UINT8;
      udp.conditionValue.uint8 = IPPROTO_UDP;
      add(session, filter_at(connect_layer(family), FWP_ACTION_BLOCK), {udp});
      CHECK_EQ(sendto(from, "x", 1, 0, to.address(), to.bytes), SOCKET_ERROR);
      CHECK_EQ(WSAGetLastError(), WSAEACCES);
    }
    CHECK_EQ(sendto(from, "x", 1, 0, to.address(), to.bytes), 1);
    closesocket(from);
  }
}

// Blocks override permits of heavier sublayers, unless the permit clears the right to.
WIN_CASE(FilterEffects, SublayersOverlap) {
  const Started started;
  for (const int family : {AF_INET, AF_INET6}) {
    const Listening l(family);
    const FilterSession session;
    add_sublayer(session, kHeavy, 200);
    add_sublayer(session, kLight, 100);
    FWPM_FILTER0 permit = filter_at(connect_layer(family), FWP_ACTION_PERMIT);
    permit.subLayerKey = kHeavy;
    const UINT64 soft = add(session, permit);
    FWPM_FILTER0 block = filter_at(connect_layer(family), FWP_ACTION_BLOCK);
    block.subLayerKey = kLight;
    const UINT64 blocking = add(session, block);
    CHECK_EQ(l.try_connect(), WSAEACCES);
    CHECK_EQ(FwpmFilterDeleteById0(session.handle(), soft), 0u);
    permit.flags = FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT;
    add(session, permit);
    CHECK_EQ(l.try_connect(), 0);
    // A block of the heavier sublayer is final.
    CHECK_EQ(FwpmFilterDeleteById0(session.handle(), blocking), 0u);
    block.subLayerKey = kHeavy;
    block.weight.type = FWP_UINT8;
    block.weight.uint8 = 15;
    add(session, block);
    CHECK_EQ(l.try_connect(), WSAEACCES);
  }
}

namespace {

struct Seen {
  int calls = 0;
  std::string out;
  std::string in;
  std::string replacement;
  UINT64 flow = 0;
};

// "ping" becomes "a longer word"; "stop" resets.
FWP_ACTION_TYPE CALLBACK change_words(void* context, const ORIEL_FWPM_CLASSIFY0* c,
                                      ORIEL_FWPM_REPLACEMENT0* replacement) {
  Seen& seen = *static_cast<Seen*>(context);
  ++seen.calls;
  const std::string text(reinterpret_cast<const char*>(c->data), c->dataBytes);
  (c->direction == FWP_DIRECTION_OUTBOUND ? seen.out : seen.in) += text;
  seen.flow = c->flowId;
  if (text.find("stop") != text.npos) return FWP_ACTION_BLOCK;
  if (replacement != nullptr && text == "ping") {
    seen.replacement = "a longer word";
    replacement->isSet = TRUE;
    replacement->data = reinterpret_cast<const UINT8*>(seen.replacement.data());
    replacement->dataBytes = seen.replacement.size();
  }
  return FWP_ACTION_CONTINUE;
}

std::string received(SOCKET s) {
  char text[64];
  const int n = recv(s, text, sizeof text, 0);
  return n >= 0 ? std::string(text, static_cast<std::size_t>(n))
                : "error " + std::to_string(WSAGetLastError());
}

}  // namespace

WIN_CASE(FilterEffects, ACalloutChangesAndResetsStreams) {
  REQ("LFP-9");
  const Started started;
  for (const int family : {AF_INET, AF_INET6}) {
    const Listening l(family);
    const FilterSession session;
    const GUID& stream = layer(family, FWPM_LAYER_STREAM_V4, FWPM_LAYER_STREAM_V6);
    add_callout(session, kCallout, stream);
    Seen seen;
    CHECK_EQ(OrielFwpmCalloutBind0(session.handle(), &kCallout, change_words, &seen), 0u);
    FWPM_FILTER0 f = filter_at(stream, FWP_ACTION_CALLOUT_TERMINATING);
    f.action.calloutKey = kCallout;
    add(session, f, {port_condition(FWPM_CONDITION_IP_REMOTE_PORT, l.port())});
    const SOCKET client = socket(family, SOCK_STREAM, 0);
    REQUIRE_EQ(connect(client, l.address(), l.bytes), 0);
    const SOCKET server = accept(l.s, nullptr, nullptr);
    CHECK_EQ(send(client, "ping", 4, 0), 4);
    CHECK_EQ(received(server), std::string("a longer word"));
    CHECK_EQ(send(server, "pong", 4, 0), 4);
    CHECK_EQ(received(client), std::string("pong"));
    CHECK_EQ(seen.out, std::string("ping"));
    CHECK_EQ(seen.in, std::string("pong"));
    CHECK_NE(seen.flow, 0u);
    send(client, "stop", 4, 0);
    CHECK_EQ(received(server), "error " + std::to_string(WSAECONNRESET));
    CHECK_EQ(received(client), "error " + std::to_string(WSAECONNABORTED));
    closesocket(client);
    closesocket(server);
    CHECK_EQ(OrielFwpmCalloutBind0(session.handle(), &kCallout, nullptr, nullptr), 0u);
  }
}

// With a filter on its data a connection that asked for the fast path takes the ordinary one,
// silently, and the callout sees every byte; without one it is fast again.
WIN_CASE(FilterEffects, AFilterOverrulesTheLoopbackFastPath) {
  REQ("LFP-9");
  const Started started;
  for (const int family : {AF_INET, AF_INET6}) {
    const Listening l(family);
    const auto ask = [](SOCKET s) {
      int on = 1;
      DWORD n = 0;
      CHECK_EQ(
          WSAIoctl(s, SIO_LOOPBACK_FAST_PATH, &on, sizeof on, nullptr, 0, &n, nullptr, nullptr), 0);
    };
    ask(l.s);
    Seen seen;
    const auto exchange = [&] {
      const SOCKET client = socket(family, SOCK_STREAM, 0);
      ask(client);
      CHECK_EQ(connect(client, l.address(), l.bytes), 0);
      const SOCKET server = accept(l.s, nullptr, nullptr);
      CHECK_EQ(send(client, "every byte", 10, 0), 10);
      CHECK_EQ(received(server), std::string("every byte"));
      closesocket(client);
      closesocket(server);
    };
    {
      const FilterSession session;
      const GUID& stream = layer(family, FWPM_LAYER_STREAM_V4, FWPM_LAYER_STREAM_V6);
      add_callout(session, kCallout, stream);
      CHECK_EQ(OrielFwpmCalloutBind0(session.handle(), &kCallout, change_words, &seen), 0u);
      FWPM_FILTER0 f = filter_at(stream, FWP_ACTION_CALLOUT_INSPECTION);
      f.action.calloutKey = kCallout;
      add(session, f);
      exchange();
      CHECK_EQ(seen.out, std::string("every byte"));
      CHECK_EQ(seen.in, std::string("every byte"));
    }
    const int calls = seen.calls;
    exchange();
    CHECK_EQ(seen.calls, calls);
  }
}

WIN_CASE(FilterEffects, AnInspectingCalloutSeesPacketsAndDecidesNothing) {
  const Started started;
  const Listening l(AF_INET);
  const FilterSession session;
  add_callout(session, kCallout, FWPM_LAYER_OUTBOUND_TRANSPORT_V4);
  Seen seen;
  const auto blocks = [](void* context, const ORIEL_FWPM_CLASSIFY0* c,
                         ORIEL_FWPM_REPLACEMENT0*) -> FWP_ACTION_TYPE {
    Seen& s = *static_cast<Seen*>(context);
    ++s.calls;
    CHECK_EQ(c->protocol, IPPROTO_TCP);
    CHECK_EQ(c->localAddressV4, INADDR_LOOPBACK);
    CHECK_EQ(c->flags, FWP_CONDITION_FLAG_IS_LOOPBACK);
    CHECK_GE(c->dataBytes, 20u);
    return FWP_ACTION_BLOCK;
  };
  CHECK_EQ(OrielFwpmCalloutBind0(session.handle(), &kCallout, blocks, &seen), 0u);
  FWPM_FILTER0 f = filter_at(FWPM_LAYER_OUTBOUND_TRANSPORT_V4, FWP_ACTION_CALLOUT_INSPECTION);
  f.action.calloutKey = kCallout;
  add(session, f);
  CHECK_EQ(l.try_connect(), 0);
  CHECK_GE(seen.calls, 3);
  CHECK_EQ(OrielFwpmCalloutBind0(session.handle(), &kCallout, nullptr, nullptr), 0u);
}

// Documented: a callout that decides and is not there blocks, unless its filter says otherwise.
WIN_CASE(FilterEffects, ACalloutWithoutItsFunction) {
  const Started started;
  const Listening l(AF_INET);
  struct Row {
    FWP_ACTION_TYPE action;
    UINT32 flags;
    int outcome;
  };
  for (const Row& row :
       {Row{FWP_ACTION_CALLOUT_TERMINATING, 0, WSAEACCES},
        Row{FWP_ACTION_CALLOUT_UNKNOWN, 0, WSAEACCES}, Row{FWP_ACTION_CALLOUT_INSPECTION, 0, 0},
        Row{FWP_ACTION_CALLOUT_TERMINATING, FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED, 0}}) {
    const FilterSession session;
    add_callout(session, kCallout, FWPM_LAYER_ALE_AUTH_CONNECT_V4);
    FWPM_FILTER0 f = filter_at(FWPM_LAYER_ALE_AUTH_CONNECT_V4, row.action);
    f.action.calloutKey = kCallout;
    f.flags = row.flags;
    add(session, f);
    CHECK_EQ(l.try_connect(), row.outcome);
  }
}
