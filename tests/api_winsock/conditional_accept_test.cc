// SO_CONDITIONAL_ACCEPT: who connects stays unconnected until the program has decided, on either
// loopback path.
#include <winsock2.h>
// behind it
#include <mswsock.h>
#include <ws2tcpip.h>

#include <thread>

#include "api_winsock/extension_case.h"
#include "api_winsock/fast_path_pair.h"
#include "api_winsock/started.h"
#include "support/win_case.h"

namespace {

using loopback::Socket;

int set_conditional(SOCKET s, BOOL on = TRUE) {
  return setsockopt(s, SOL_SOCKET, SO_CONDITIONAL_ACCEPT, reinterpret_cast<const char*>(&on),
                    sizeof on);
}

Socket conditional(bool is_fast = false, int backlog = 5) {
  Socket s = loopback::bound(SOCK_STREAM);
  CHECK_EQ(set_conditional(s), 0);
  if (is_fast) CHECK_EQ(fast_path::ask(s), 0);
  CHECK_EQ(listen(s, backlog), 0);
  return s;
}

/// A connect that does not wait.
struct Attempt {
  explicit Attempt(SOCKET listener, bool is_fast = false) : s(socket(AF_INET, SOCK_STREAM, 0)) {
    if (is_fast) CHECK_EQ(fast_path::ask(s), 0);
    CHECK_EQ(loopback::set_non_blocking(s), 0);
    CHECK_EQ(loopback::connect_to(s, loopback::name_of(listener)), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
  }
  bool is_over(long seconds = 0) const {
    fd_set done, failed;
    FD_ZERO(&done);
    FD_ZERO(&failed);
    FD_SET(SOCKET{s}, &done);
    FD_SET(SOCKET{s}, &failed);
    const timeval limit{seconds, 0};
    return select(0, nullptr, &done, &failed, &limit) != 0;
  }
  /// 0: connected; else why not.
  int outcome() const {
    CHECK(is_over(20));
    int error = 0;
    int bytes = sizeof error;
    CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_ERROR, reinterpret_cast<char*>(&error), &bytes), 0);
    return error;
  }
  Socket s;
};

bool is_readable(SOCKET s, long seconds = 20) {
  fd_set set;
  FD_ZERO(&set);
  FD_SET(s, &set);
  const timeval limit{seconds, 0};
  return select(0, &set, nullptr, nullptr, &limit) == 1;
}

/// A condition function with its answer and what it saw.
struct Judge {
  static int CALLBACK decide(LPWSABUF caller, LPWSABUF, LPQOS, LPQOS, LPWSABUF, LPWSABUF, GROUP*,
                             DWORD_PTR data) {
    Judge& self = *reinterpret_cast<Judge*>(data);
    ++self.questions;
    if (self.attempt != nullptr) self.was_over = self.attempt->is_over();
    if (self.to_close != nullptr) self.to_close->close();
    self.caller_port = reinterpret_cast<const sockaddr_in*>(caller->buf)->sin_port;
    return self.answer;
  }
  SOCKET accept(SOCKET listener) {
    return WSAAccept(listener, nullptr, nullptr, decide, reinterpret_cast<DWORD_PTR>(this));
  }
  int answer = CF_ACCEPT;
  const Attempt* attempt = nullptr;
  Socket* to_close = nullptr;
  int questions = 0;
  bool was_over = false;
  u_short caller_port = 0;
};

void check_carries(SOCKET from, SOCKET to) {
  CHECK_EQ(loopback::send_text(from, "hello"), 5);
  char text[5];
  CHECK(is_readable(to));
  CHECK_EQ(recv(to, text, 5, 0), 5);
}

WIN_CASE(ConditionalAccept, RejectRefusesTheConnect) {
  REQ("LFP-10");
  const Started started;
  for (const bool is_fast : {false, true}) {
    const Socket listener = conditional(is_fast);
    const Attempt attempt(listener, is_fast);
    Judge judge;
    judge.answer = CF_REJECT;
    judge.attempt = &attempt;
    CHECK_EQ(judge.accept(listener), INVALID_SOCKET);
    CHECK_EQ(WSAGetLastError(), WSAECONNREFUSED);
    CHECK_EQ(judge.questions, 1);
    CHECK(!judge.was_over);
    CHECK_EQ(attempt.outcome(), WSAECONNREFUSED);
  }
}

WIN_CASE(ConditionalAccept, AcceptConnectsAfterTheCondition) {
  REQ("LFP-10");
  const Started started;
  for (const bool is_fast : {false, true}) {
    const Socket listener = conditional(is_fast);
    const Attempt attempt(listener, is_fast);
    Judge judge;
    judge.attempt = &attempt;
    const Socket accepted = judge.accept(listener);
    CHECK(accepted != INVALID_SOCKET);
    CHECK_EQ(judge.questions, 1);
    CHECK(!judge.was_over);
    CHECK_EQ(attempt.outcome(), 0);
    CHECK_EQ(judge.caller_port, loopback::name_of(attempt.s).sin_port);
    CHECK_EQ(fast_path::is_fast(accepted), is_fast);
    check_carries(attempt.s, accepted);
    check_carries(accepted, attempt.s);
  }
}

WIN_CASE(ConditionalAccept, DeferLeavesItQueuedAndUnanswered) {
  REQ("LFP-10");
  const Started started;
  for (const bool is_fast : {false, true}) {
    const Socket listener = conditional(is_fast);
    const Attempt attempt(listener, is_fast);
    Judge judge;
    judge.answer = CF_DEFER;
    for (int i = 1; i <= 2; ++i) {
      CHECK_EQ(judge.accept(listener), INVALID_SOCKET);
      CHECK_EQ(WSAGetLastError(), WSATRY_AGAIN);
      CHECK_EQ(judge.questions, i);
      CHECK(!attempt.is_over());
      CHECK(is_readable(listener, 0));
    }
    const Socket accepted = accept(listener, nullptr, nullptr);
    CHECK(accepted != INVALID_SOCKET);
    CHECK_EQ(attempt.outcome(), 0);
    check_carries(attempt.s, accepted);
  }
}

WIN_CASE(ConditionalAccept, ACallThatWaitsIsAsked) {
  const Started started;
  const Socket listener = conditional();
  const sockaddr_in to = loopback::name_of(listener);
  for (const int answer : {CF_REJECT, CF_ACCEPT}) {
    int error = -1;
    std::thread peer([&] {
      const Socket s = socket(AF_INET, SOCK_STREAM, 0);
      error = loopback::connect_to(s, to) == 0 ? 0 : WSAGetLastError();
    });
    Judge judge;
    judge.answer = answer;
    const Socket accepted = judge.accept(listener);
    peer.join();
    CHECK_EQ(judge.questions, 1);
    CHECK_EQ(SOCKET{accepted} != INVALID_SOCKET, answer == CF_ACCEPT);
    CHECK_EQ(error, answer == CF_ACCEPT ? 0 : WSAECONNREFUSED);
  }
}

WIN_CASE(ConditionalAccept, WithoutWaitingItIsAskedOnceAndThereLater) {
  REQ("LFP-10");
  const Started started;
  for (const bool is_fast : {false, true}) {
    const Socket listener = conditional(is_fast);
    CHECK_EQ(loopback::set_non_blocking(listener), 0);
    Judge judge;
    CHECK_EQ(judge.accept(listener), INVALID_SOCKET);
    CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
    const Attempt attempt(listener, is_fast);
    WSAPOLLFD polled{listener, POLLRDNORM, 0};
    CHECK_EQ(WSAPoll(&polled, 1, 20'000), 1);
    CHECK(is_readable(listener));
    CHECK(!attempt.is_over());
    CHECK_EQ(judge.accept(listener), INVALID_SOCKET);
    CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);  // let in
    CHECK_EQ(judge.questions, 1);
    CHECK_EQ(attempt.outcome(), 0);
    CHECK(is_readable(listener));
    const Socket accepted = judge.accept(listener);
    CHECK(accepted != INVALID_SOCKET);
    CHECK_EQ(judge.questions, 1);
    check_carries(attempt.s, accepted);
    const Attempt another(listener, is_fast);  // and the plain call
    CHECK(is_readable(listener));
    CHECK_EQ(accept(listener, nullptr, nullptr), INVALID_SOCKET);
    CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
    CHECK_EQ(another.outcome(), 0);
    CHECK(is_readable(listener));
    const Socket second = accept(listener, nullptr, nullptr);
    CHECK(second != INVALID_SOCKET);
  }
}

WIN_CASE(ConditionalAccept, TheEventComesForTheRequestAndForTheConnection) {
  const Started started;
  const Socket listener = conditional();
  const WSAEVENT event = WSACreateEvent();
  CHECK_EQ(WSAEventSelect(listener, event, FD_ACCEPT), 0);
  const auto has_come = [&] {
    if (WSAWaitForMultipleEvents(1, &event, TRUE, 20'000, FALSE) != WSA_WAIT_EVENT_0) return false;
    WSANETWORKEVENTS events{};
    CHECK_EQ(WSAEnumNetworkEvents(listener, event, &events), 0);
    return events.lNetworkEvents == FD_ACCEPT;
  };
  const Attempt attempt(listener);
  CHECK(has_come());
  Judge judge;
  CHECK_EQ(judge.accept(listener), INVALID_SOCKET);
  CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
  CHECK(has_come());
  const Socket accepted = judge.accept(listener);
  CHECK(accepted != INVALID_SOCKET);
  CHECK_EQ(judge.questions, 1);
  WSACloseEvent(event);
}

WIN_CASE(ConditionalAccept, AcceptExLetsInWhatComesAndWhatWaits) {
  REQ("LFP-10");
  const Started started;
  for (const bool is_fast : {false, true}) {
    const Socket listener = conditional(is_fast);
    const extension_case::Functions functions(listener);
    for (const bool is_posted_first : {false, true}) {
      const Socket accepted = socket(AF_INET, SOCK_STREAM, 0);
      extension_case::Call call;
      char blocks[2 * extension_case::kBlock];
      DWORD bytes = 0;
      const auto post = [&] {
        CHECK(extension_case::is_begun(
            functions.accept(listener, accepted, blocks, 0, extension_case::kBlock,
                             extension_case::kBlock, &bytes, &call.overlapped)));
      };
      if (is_posted_first) post();
      const Attempt attempt(listener, is_fast);
      if (!is_posted_first) {
        CHECK(is_readable(listener));
        CHECK(!attempt.is_over());
        post();
      }
      CHECK_EQ(call.end(listener), 0);
      CHECK_EQ(attempt.outcome(), 0);
      check_carries(attempt.s, accepted);
      const Attempt next(listener, is_fast);  // nobody waits for this one
      CHECK(is_readable(listener));
      CHECK(!next.is_over());
      Judge judge;
      judge.answer = CF_REJECT;
      CHECK_EQ(judge.accept(listener), INVALID_SOCKET);
      CHECK_EQ(next.outcome(), WSAECONNREFUSED);
    }
  }
}

WIN_CASE(ConditionalAccept, ClosingTheListenerRefusesWhatItHolds) {
  REQ("LFP-10");
  const Started started;
  for (const bool is_fast : {false, true}) {
    Socket listener = conditional(is_fast);
    const Attempt first(listener, is_fast), second(listener, is_fast);
    CHECK(is_readable(listener));
    CHECK_EQ(listener.close(), 0);
    CHECK_EQ(first.outcome(), WSAECONNREFUSED);
    CHECK_EQ(second.outcome(), WSAECONNREFUSED);
  }
}

WIN_CASE(ConditionalAccept, ClosingItInsideTheConditionRefuses) {
  const Started started;
  for (const int answer : {CF_ACCEPT, CF_DEFER, CF_REJECT}) {
    Socket listener = conditional();
    const SOCKET handle = listener;
    const Attempt attempt(listener);
    Judge judge;
    judge.answer = answer;
    judge.to_close = &listener;
    CHECK_EQ(judge.accept(handle), INVALID_SOCKET);
    CHECK_EQ(WSAGetLastError(), answer == CF_ACCEPT ? WSAEINTR : WSAECONNREFUSED);
    CHECK_EQ(attempt.outcome(), WSAECONNREFUSED);
  }
}

WIN_CASE(ConditionalAccept, AFastConnectThatIsGivenUpLeavesTheQueue) {
  REQ("LFP-10");
  const Started started;
  const Socket listener = conditional(true);
  Attempt attempt(listener, true);
  CHECK(is_readable(listener));
  CHECK_EQ(attempt.s.close(), 0);
  CHECK(!is_readable(listener, 0));
}

WIN_CASE(ConditionalAccept, TheModeIsChosenBeforeListening) {
  REQ("LFP-10");
  const Started started;
  const Socket listener = conditional();
  CHECK_EQ(set_conditional(listener, FALSE), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEINVAL);
  BOOL on = FALSE;
  int bytes = sizeof on;
  CHECK_EQ(
      getsockopt(listener, SOL_SOCKET, SO_CONDITIONAL_ACCEPT, reinterpret_cast<char*>(&on), &bytes),
      0);
  CHECK_EQ(on, TRUE);
  const Socket plain = loopback::listening();
  CHECK_EQ(set_conditional(plain), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEINVAL);
  const Attempt attempt(plain);
  CHECK_EQ(attempt.outcome(), 0);  // before anybody accepts
}

}  // namespace
