// Any sequence of Winsock calls with any arguments, over the loopback of a host that stands still:
// no crash, each overlapped call ends exactly once, no socket is left.
//
// The host is manual: it has no thread, its time passes when the input says so, and a call that
// would block returns. So the same bytes do the same things, and nothing can hang.
#include <mstcpip.h>
#include <mswsock.h>
#include <winsock2.h>
#include <ws2tcpip.h>

#include <array>
#include <iterator>
#include <memory>
#include <vector>

#include "fuzz_check.h"
#include "stack/host_impl.h"
#include "win32/handle_table.h"
#include "winsock/provider_host.h"
#include "winsock/socket.h"

using namespace oriel;

namespace {

constexpr std::size_t kSlots = 8;
constexpr int kStepsMax = 200;
constexpr ULONG_PTR kPending = 0x103;
constexpr ULONG_PTR kBufferOverflow = 0x80000005;  // STATUS_BUFFER_OVERFLOW

struct Input {
  const std::uint8_t* at;
  const std::uint8_t* end;
  bool is_empty() const { return at == end; }
  std::uint8_t byte() { return at == end ? std::uint8_t{0} : *at++; }
  DWORD word() {
    const DWORD low = byte();
    return low | DWORD{byte()} << 8;
  }
  template <class T, std::size_t N>
  T one_of(const T (&choices)[N]) {
    return choices[byte() % N];
  }
};

struct Call {
  WSAOVERLAPPED overlapped{};  // first: a packet's pointer is the call's
  int packets = 0;
  int routines = 0;
  bool is_accepted = false;  ///< it pends or has succeeded: its end must be told once
  bool has_routine = false;
  bool had_port = false;
  DWORD flags = 0;
  INT from_bytes = sizeof(sockaddr_storage);
  sockaddr_storage from{};
  std::vector<char> bytes;
  WSABUF buffers[2] = {};
};

void CALLBACK note_routine(DWORD, DWORD, LPWSAOVERLAPPED overlapped, DWORD) {
  ++reinterpret_cast<Call*>(overlapped)->routines;
}

void count_socket(HANDLE, win32::Object& object, void* context) {
  if (winsock::Socket::is_kind(object.kind())) ++*static_cast<int*>(context);
}

class Program {
 public:
  explicit Program(Input in) : in_(in), host_(std::make_shared<stack::HostImpl>(manual())) {
    winsock::set_provider_host(host_);
    WSADATA data;
    FUZZ_CHECK(WSAStartup(MAKEWORD(2, 2), &data) == 0);
    port_ = CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 1);
    event_ = WSACreateEvent();
    slots_.fill(INVALID_SOCKET);
  }

  void run() {
    for (int i = 0; i < kStepsMax && !in_.is_empty(); ++i) step();
    if (in_.byte() % 2 == 0) {
      for (const SOCKET s : slots_) closesocket(s);
      pass(1000);
    }
    FUZZ_CHECK(WSACleanup() == 0);
    pass(1'000'000);
    take_packets();
    SleepEx(0, TRUE);
    check_calls();
    int open = 0;
    win32::handles().for_each(count_socket, &open);
    FUZZ_CHECK(open == 0);
    CloseHandle(port_);
    CloseHandle(event_);
    host_->stop();
  }

 private:
  static HostOptions manual() {
    HostOptions options;
    options.is_manual = true;
    return options;
  }

  void pass(int ms) {
    now_ = now_ + std::chrono::milliseconds(ms);
    host_->advance(now_);
  }

  void take_packets() {
    OVERLAPPED_ENTRY entries[64];
    ULONG n = 0;
    while (GetQueuedCompletionStatusEx(port_, entries, 64, &n, 0, FALSE)) {
      for (ULONG i = 0; i < n; ++i) ++reinterpret_cast<Call*>(entries[i].lpOverlapped)->packets;
    }
  }

  void check_calls() const {
    for (const auto& call : calls_) {
      if (!call->is_accepted) {
        FUZZ_CHECK(call->packets == 0 && call->routines == 0);
        continue;
      }
      FUZZ_CHECK(call->overlapped.Internal != kPending);
      FUZZ_CHECK(call->routines == (call->has_routine ? 1 : 0));
      FUZZ_CHECK(call->packets <= (call->has_routine ? 0 : 1));
      if (call->had_port && !call->has_routine) FUZZ_CHECK(call->packets == 1);
    }
  }

  SOCKET& slot() { return slots_[in_.byte() % kSlots]; }

  // Where another slot is bound, or somewhere else.
  sockaddr_storage address(int& length) {
    sockaddr_storage name{};
    length = sizeof name;
    const std::uint8_t how = in_.byte();
    if (how % 4 != 0) {
      getsockname(slots_[how / 4 % kSlots], reinterpret_cast<sockaddr*>(&name), &length);
      if (name.ss_family == AF_INET) {
        auto& v4 = reinterpret_cast<sockaddr_in&>(name);
        if (v4.sin_addr.s_addr == 0) v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      }
      return name;
    }
    const bool is_v6 = how % 8 == 4;
    name.ss_family = static_cast<ADDRESS_FAMILY>(is_v6 ? AF_INET6 : AF_INET);
    if (is_v6) {
      reinterpret_cast<sockaddr_in6&>(name).sin6_addr = in6addr_loopback;
    } else {
      reinterpret_cast<sockaddr_in&>(name).sin_addr.s_addr =
          htonl(INADDR_LOOPBACK + in_.byte() % 2);
    }
    reinterpret_cast<sockaddr_in&>(name).sin_port = htons(static_cast<u_short>(in_.byte() % 8));
    length = is_v6 ? int{sizeof(sockaddr_in6)} : int{sizeof(sockaddr_in)};
    if (in_.byte() % 16 == 0) length = in_.byte() % 32;
    return name;
  }

  template <class T>
  T* perhaps(T* good) {
    switch (in_.byte()) {
      case 1:
        return nullptr;
      case 2:
        return reinterpret_cast<T*>(1);
      case 3:
        return reinterpret_cast<T*>(~ULONG_PTR{0});
      default:
        return good;
    }
  }

  Call& new_call() {
    calls_.push_back(std::make_unique<Call>());
    Call& call = *calls_.back();
    call.bytes.resize(in_.byte() * 37u + 1);
    call.buffers[0] = {static_cast<ULONG>(call.bytes.size()), call.bytes.data()};
    call.buffers[1] = {1, call.bytes.data()};
    return call;
  }

  // Issues `issue(overlapped, routine)` in one of the ways in which a call can end.
  template <class Issue>
  void overlapped(SOCKET s, Call& call, Issue&& issue) {
    const std::uint8_t how = in_.byte();
    if (how % 8 == 7) {
      (void)issue(nullptr, nullptr);
      return;
    }
    call.has_routine = how % 4 == 1;
    if (how % 4 == 2) call.overlapped.hEvent = event_;
    if (how % 4 == 3) {
      const auto file = win32::handles().find_as<winsock::Socket>(reinterpret_cast<HANDLE>(s));
      call.had_port = file && file->port() != nullptr && file->kind().is_overlapped;
    }
    const int r = issue(&call.overlapped, call.has_routine ? note_routine : nullptr);
    // A datagram that was cut is an end with a warning, which is told like any other end.
    const bool is_cut = call.overlapped.Internal == kBufferOverflow;
    call.is_accepted = r == 0 || WSAGetLastError() == WSA_IO_PENDING || is_cut;
    if (call.is_accepted && (call.overlapped.Internal == 0 || is_cut) && !is_overlapped(s)) {
      call.is_accepted = false;  // a socket without the attribute: synchronous
    }
  }

  static bool is_overlapped(SOCKET s) {
    const auto file = win32::handles().find_as<winsock::Socket>(reinterpret_cast<HANDLE>(s));
    return file && file->kind().is_overlapped;
  }

  void step() {
    const std::uint8_t what = in_.byte();
    SOCKET& s = slot();
    char small[64] = {};
    int length = 0;
    switch (what % 28) {
      case 0:
        return open(s);
      case 1: {
        const sockaddr_storage name = address(length);
        bind(s, perhaps(reinterpret_cast<const sockaddr*>(&name)), length);
        return;
      }
      case 2:
        listen(s, static_cast<int>(in_.byte()) - 2);
        return;
      case 3: {
        const sockaddr_storage name = address(length);
        connect(s, perhaps(reinterpret_cast<const sockaddr*>(&name)), length);
        return;
      }
      case 4: {
        SOCKET& to = slot();
        const SOCKET accepted = accept(s, nullptr, nullptr);
        if (accepted == INVALID_SOCKET) return;
        closesocket(to);
        to = accepted;
        return;
      }
      case 5:
        send(s, perhaps(small), in_.byte() % 64, flags());
        return;
      case 6:
        recv(s, perhaps(small), in_.byte() % 64, flags());
        return;
      case 7:
        return send_to(s);
      case 8:
      case 9:
        return post_send(s);
      case 10:
      case 11:
        return post_receive(s);
      case 12:
        return option(s, true);
      case 13:
        return option(s, false);
      case 14:
        return control(s);
      case 15:
        shutdown(s, in_.byte() % 4);
        return;
      case 16:
        closesocket(s);
        return;  // the stale value stays
      case 17:
        CancelIoEx(reinterpret_cast<HANDLE>(s),
                   calls_.empty() ? nullptr : &calls_[in_.byte() % calls_.size()]->overlapped);
        return;
      case 18:
        CancelIo(reinterpret_cast<HANDLE>(s));
        return;
      case 19:
        return look(s);
      case 20:
        return select_events(s);
      case 21:
        pass(in_.byte() * 4);
        return;
      case 22:
        pass(1);
        return;
      case 23:
        SleepEx(0, TRUE);
        return take_packets();
      case 24:
        CreateIoCompletionPort(reinterpret_cast<HANDLE>(s), port_, 1, 0);
        return;
      case 25:
        return accept_ex(s);
      case 26:
        return ask_names(s);
      case 27:
        return duplicate(s);
    }
  }

  int flags() {
    static constexpr int kFlags[] = {
        0, 0, 0, 0, MSG_PEEK, MSG_OOB, MSG_WAITALL, MSG_DONTROUTE, MSG_PARTIAL, 0x40000000};
    return in_.one_of(kFlags);
  }

  void open(SOCKET& s) {
    static constexpr int kFamilies[] = {AF_INET, AF_INET, AF_INET, AF_INET6, 0, 99};
    static constexpr int kTypes[] = {SOCK_STREAM, SOCK_STREAM, SOCK_STREAM, SOCK_DGRAM, 0, 5};
    static constexpr int kProtocols[] = {0, 0, 0, IPPROTO_TCP, IPPROTO_UDP, 77};
    const int family = in_.one_of(kFamilies);
    const int type = in_.one_of(kTypes);
    const int protocol = in_.one_of(kProtocols);
    const std::uint8_t how = in_.byte();
    const SOCKET made = WSASocketW(family, type, protocol, nullptr, 0,
                                   how % 8 == 7 ? 0 : DWORD{WSA_FLAG_OVERLAPPED});
    if (made == INVALID_SOCKET) return;
    closesocket(s);
    s = made;
    if (how % 2 == 0) CreateIoCompletionPort(reinterpret_cast<HANDLE>(s), port_, 1, 0);
  }

  void send_to(SOCKET s) {
    int length = 0;
    const sockaddr_storage name = address(length);
    char bytes[64] = {};
    sendto(s, perhaps(bytes), in_.byte() % 64, flags(), reinterpret_cast<const sockaddr*>(&name),
           length);
    sockaddr_storage from;
    length = in_.byte() % 8 == 0 ? 3 : int{sizeof from};
    recvfrom(s, bytes, in_.byte() % 64, flags(), perhaps(reinterpret_cast<sockaddr*>(&from)),
             &length);
  }

  void post_send(SOCKET s) {
    Call& call = new_call();
    const DWORD count = in_.byte() % 3;
    const auto with_flags = static_cast<DWORD>(flags());
    overlapped(s, call, [&](WSAOVERLAPPED* o, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine) {
      return WSASend(s, perhaps(call.buffers), count, nullptr, with_flags, o, routine);
    });
  }

  void post_receive(SOCKET s) {
    Call& call = new_call();
    const DWORD count = in_.byte() % 3;
    call.flags = static_cast<DWORD>(flags());
    const bool is_from = in_.byte() % 2 == 0;
    overlapped(s, call, [&](WSAOVERLAPPED* o, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine) {
      if (!is_from) {
        return WSARecv(s, perhaps(call.buffers), count, nullptr, &call.flags, o, routine);
      }
      return WSARecvFrom(s, call.buffers, count, nullptr, &call.flags,
                         reinterpret_cast<sockaddr*>(&call.from), &call.from_bytes, o, routine);
    });
  }

  void option(SOCKET s, bool is_set) {
    static constexpr int kLevels[] = {
        SOL_SOCKET, SOL_SOCKET, IPPROTO_TCP, IPPROTO_IP, IPPROTO_IPV6, IPPROTO_UDP, 1};
    const int level = in_.one_of(kLevels);
    int name = in_.byte();
    if (level == SOL_SOCKET && in_.byte() % 2 == 0) name += 0x1000;
    if (level == SOL_SOCKET && in_.byte() % 8 == 0) name = ~name;
    alignas(8) char value[1024] = {};
    value[0] = static_cast<char>(in_.byte());
    value[1] = static_cast<char>(in_.byte());
    int bytes = in_.byte() % 4 == 0 ? in_.byte() * 4 - 8 : 4;
    if (is_set) {
      setsockopt(s, level, name, perhaps(value), bytes);
    } else {
      getsockopt(s, level, name, perhaps(value), perhaps(&bytes));
    }
  }

  void control(SOCKET s) {
    static constexpr DWORD kCodes[] = {static_cast<DWORD>(FIONBIO),
                                       static_cast<DWORD>(FIONREAD),
                                       static_cast<DWORD>(SIOCATMARK),
                                       SIO_KEEPALIVE_VALS,
                                       SIO_UDP_CONNRESET,
                                       SIO_FLUSH,
                                       SIO_GET_EXTENSION_FUNCTION_POINTER,
                                       SIO_ADDRESS_LIST_QUERY,
                                       SIO_ROUTING_INTERFACE_QUERY,
                                       SIO_LOOPBACK_FAST_PATH,
                                       SIO_SET_COMPATIBILITY_MODE,
                                       SIO_IDEAL_SEND_BACKLOG_QUERY,
                                       SIO_IDEAL_SEND_BACKLOG_CHANGE,
                                       0x12345678};
    const DWORD code = in_.one_of(kCodes);
    Call& call = new_call();
    for (char& b : call.bytes) b = static_cast<char>(in_.byte());
    const auto bytes = static_cast<DWORD>(call.bytes.size());
    overlapped(s, call, [&](WSAOVERLAPPED* o, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine) {
      return WSAIoctl(s, code, perhaps(call.bytes.data()), bytes, perhaps(call.bytes.data()), bytes,
                      perhaps(&call.flags), o, routine);
    });
  }

  void look(SOCKET s) {
    fd_set sets[3] = {{1, {s}}, {2, {s, slot()}}, {0, {}}};
    const timeval at_once = {0, 0};
    select(0, perhaps(&sets[0]), perhaps(&sets[1]), &sets[2], &at_once);
    WSAPOLLFD poll[2] = {{s, static_cast<SHORT>(in_.word()), 0}, {slot(), POLLRDNORM, 0}};
    WSAPoll(perhaps(poll), in_.byte() % 3, 0);
  }

  void select_events(SOCKET s) {
    WSAEventSelect(s, in_.byte() % 8 == 0 ? nullptr : event_, static_cast<LONG>(in_.word()));
    WSANETWORKEVENTS events;
    WSAEnumNetworkEvents(s, in_.byte() % 2 == 0 ? nullptr : event_, perhaps(&events));
  }

  void accept_ex(SOCKET s) {
    const SOCKET accepting = slot();
    Call& call = new_call();
    const DWORD sizes = in_.byte() % 8 == 0 ? in_.byte() : DWORD{sizeof(sockaddr_in6) + 16};
    const DWORD data = in_.byte();
    call.bytes.resize(data + 2 * sizes);
    call.had_port = false;
    DWORD n = 0;
    call.is_accepted = AcceptEx(s, accepting, perhaps(call.bytes.data()), data, sizes, sizes, &n,
                                &call.overlapped) != FALSE ||
                       WSAGetLastError() == WSA_IO_PENDING;
  }

  void ask_names(SOCKET s) {
    sockaddr_storage name;
    int length = in_.byte();
    getsockname(s, perhaps(reinterpret_cast<sockaddr*>(&name)), perhaps(&length));
    length = sizeof name;
    getpeername(s, reinterpret_cast<sockaddr*>(&name), &length);
    if (calls_.empty()) return;
    DWORD n = 0;
    DWORD how = 0;
    WSAGetOverlappedResult(s, &calls_[in_.byte() % calls_.size()]->overlapped, perhaps(&n), FALSE,
                           &how);
  }

  void duplicate(SOCKET s) {
    WSAPROTOCOL_INFOW info;
    if (WSADuplicateSocketW(s, GetCurrentProcessId(), perhaps(&info)) != 0) return;
    SOCKET& to = slot();
    const SOCKET made = WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO,
                                   &info, 0, WSA_FLAG_OVERLAPPED);
    if (made == INVALID_SOCKET) return;
    closesocket(to);
    to = made;
  }

  Input in_;
  std::shared_ptr<stack::HostImpl> host_;
  Instant now_{0};
  HANDLE port_ = nullptr;
  HANDLE event_ = nullptr;
  std::array<SOCKET, kSlots> slots_{};
  std::vector<std::unique_ptr<Call>> calls_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Program(Input{data, data + size}).run();
  return 0;
}
