// WSARecvMsg and WSASendMsg as a program uses them.
#include <cstring>

#include "api_winsock/extension_case.h"

using namespace extension_case;  // NOLINT(google-build-using-namespace)

namespace {

// A message of one buffer, with room for a name and control data.
struct Message {
  explicit Message(ULONG bytes = 64, ULONG control_bytes = 128) {
    buffer = {bytes, text};
    it.name = as_sockaddr(name);
    it.namelen = sizeof name;
    it.lpBuffers = &buffer;
    it.dwBufferCount = 1;
    it.Control = {control_bytes, control};
  }
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;
  void fill(const char* with, const sockaddr_in& to) {
    strcpy(text, with);
    buffer.len = static_cast<ULONG>(strlen(with));
    name = to;
    it.Control.len = 0;
  }
  template <class T>
  void add(int level, int type, const T& value) {
    auto* head = reinterpret_cast<WSACMSGHDR*>(control + it.Control.len);
    head->cmsg_len = WSA_CMSG_LEN(sizeof value);
    head->cmsg_level = level;
    head->cmsg_type = type;
    memcpy(WSA_CMSG_DATA(head), &value, sizeof value);
    it.Control.len += static_cast<ULONG>(WSA_CMSG_SPACE(sizeof value));
  }
  // The data of the entry of that type; nullptr: there is none.
  const UCHAR* find(int type) {
    for (auto* head = WSA_CMSG_FIRSTHDR(&it); head != nullptr; head = WSA_CMSG_NXTHDR(&it, head)) {
      if (head->cmsg_type == type) return WSA_CMSG_DATA(head);
    }
    return nullptr;
  }

  char text[64] = {};
  alignas(8) char control[128] = {};
  sockaddr_in name{};
  WSABUF buffer{};
  WSAMSG it{};
};

void set(SOCKET s, int level, int name) {
  DWORD on = 1;
  CHECK_EQ(setsockopt(s, level, name, reinterpret_cast<char*>(&on), sizeof on), 0);
}

WIN_CASE(Messages, TellWhereFromWhereToAndHow) {
  REQ("WS-4");
  const Started started;
  const SOCKET in = make_bound(SOCK_DGRAM), out = make_bound(SOCK_DGRAM);
  const auto receive_message = get<LPFN_WSARECVMSG>(in, WSAID_WSARECVMSG);
  set(in, IPPROTO_IP, IP_PKTINFO);
  set(in, IPPROTO_IP, IP_RECVTTL);
  set(in, IPPROTO_IP, IP_RECVTOS);
  Message sent;
  sent.fill("hello", name_of(in));
  in_pktinfo from{};
  from.ipi_addr.s_addr = htonl(0x7f000009);
  sent.add(IPPROTO_IP, IP_PKTINFO, from);
  sent.add(IPPROTO_IP, IP_TTL, INT{33});
  sent.add(IPPROTO_IP, IP_TOS, INT{0x20});
  DWORD bytes = 0;
  REQUIRE_EQ(WSASendMsg(out, &sent.it, 0, &bytes, nullptr, nullptr), 0);
  CHECK_EQ(bytes, 5u);
  Message message;
  REQUIRE_EQ(receive_message(in, &message.it, &bytes, nullptr, nullptr), 0);
  CHECK_EQ(std::string(message.text, bytes), "hello");
  CHECK_EQ(message.it.dwFlags, 0u);
  CHECK_EQ(message.name.sin_port, name_of(out).sin_port);
  CHECK_EQ(message.name.sin_addr.s_addr, from.ipi_addr.s_addr);
  in_pktinfo info{};
  REQUIRE(message.find(IP_PKTINFO) != nullptr);
  memcpy(&info, message.find(IP_PKTINFO), sizeof info);
  CHECK_EQ(info.ipi_addr.s_addr, htonl(INADDR_LOOPBACK));
  REQUIRE(message.find(IP_TTL) != nullptr);
  CHECK_EQ(*message.find(IP_TTL), 33);
  REQUIRE(message.find(IP_TOS) != nullptr);
  CHECK_EQ(*message.find(IP_TOS), 0x20);
}

WIN_CASE(Messages, WhatDoesNotFitIsCutAndSaidSo) {
  REQ("WS-2");
  const Started started;
  const SOCKET in = make_bound(SOCK_DGRAM), out = make_bound(SOCK_DGRAM);
  const auto receive_message = get<LPFN_WSARECVMSG>(in, WSAID_WSARECVMSG);
  set(in, IPPROTO_IP, IP_PKTINFO);
  sockaddr_in to = name_of(in);
  const auto send_one = [&] {
    CHECK_EQ(sendto(out, "abcdef", 6, 0, as_sockaddr(to), sizeof to), 6);
  };
  DWORD bytes = 0;
  send_one();
  Message small(3);
  CHECK_EQ(receive_message(in, &small.it, &bytes, nullptr, nullptr), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEMSGSIZE);
  CHECK_EQ(small.it.dwFlags, DWORD{MSG_TRUNC});
  CHECK_EQ(std::string(small.text, 3), "abc");
  send_one();
  Message no_control(64, 8);
  CHECK_EQ(receive_message(in, &no_control.it, &bytes, nullptr, nullptr), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEMSGSIZE);
  CHECK_EQ(no_control.it.dwFlags, DWORD{MSG_CTRUNC});
  CHECK_EQ(bytes, 6u);
  // The same, overlapped: pending first, then at once.
  Message later(64, 8);
  Call call;
  CHECK_EQ(receive_message(in, &later.it, nullptr, &call.overlapped, nullptr), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
  send_one();
  CHECK_EQ(call.end(in), -long{WSAEMSGSIZE});
  CHECK_EQ(later.it.dwFlags, DWORD{MSG_CTRUNC});
  CHECK_EQ(later.name.sin_port, name_of(out).sin_port);
  Message peeked;
  peeked.it.dwFlags = MSG_PEEK;
  send_one();
  CHECK_EQ(receive_message(in, &peeked.it, &bytes, nullptr, nullptr), 0);
  CHECK_EQ(peeked.it.dwFlags, 0u);
  Message whole;
  CHECK_EQ(receive_message(in, &whole.it, &bytes, nullptr, nullptr), 0);
  CHECK_EQ(bytes, 6u);
}

WIN_CASE(Messages, SayWhatIsWrong) {
  REQ("WS-2");
  const Started started;
  const SOCKET in = make_bound(SOCK_DGRAM), stream = make_stream();
  const SOCKET unbound = socket(AF_INET, SOCK_DGRAM, 0);
  const auto receive_message = get<LPFN_WSARECVMSG>(in, WSAID_WSARECVMSG);
  const auto send_message = get<LPFN_WSASENDMSG>(in, WSAID_WSASENDMSG);
  Message message;
  DWORD bytes = 0;
  const auto receive_error = [&](SOCKET s, WSAMSG* m, DWORD* n) {
    CHECK_EQ(receive_message(s, m, n, nullptr, nullptr), SOCKET_ERROR);
    return WSAGetLastError();
  };
  CHECK_EQ(receive_error(INVALID_SOCKET, &message.it, &bytes), WSAENOTSOCK);
  CHECK_EQ(receive_error(in, nullptr, &bytes), WSAEFAULT);
  CHECK_EQ(receive_error(in, &message.it, nullptr), WSAEFAULT);
  CHECK_EQ(receive_error(stream, &message.it, &bytes), WSAEOPNOTSUPP);
  CHECK_EQ(receive_error(unbound, &message.it, &bytes), WSAEINVAL);
  message.it.dwFlags = MSG_OOB;
  CHECK_EQ(receive_error(in, &message.it, &bytes), WSAEOPNOTSUPP);
  message.it.dwFlags = 0;
  message.it.namelen = 8;
  CHECK_EQ(receive_error(in, &message.it, &bytes), WSAEFAULT);
  Message sent;
  const auto send_error = [&](SOCKET s, WSAMSG* m, DWORD flags) {
    CHECK_EQ(send_message(s, m, flags, &bytes, nullptr, nullptr), SOCKET_ERROR);
    return WSAGetLastError();
  };
  sent.fill("x", name_of(in));
  CHECK_EQ(send_error(INVALID_SOCKET, &sent.it, 0), WSAENOTSOCK);
  CHECK_EQ(send_error(in, nullptr, 0), WSAEFAULT);
  CHECK_EQ(send_error(stream, &sent.it, 0), WSAEOPNOTSUPP);
  CHECK_EQ(send_error(in, &sent.it, MSG_OOB), WSAEOPNOTSUPP);
  sent.add(IPPROTO_IP, IP_TTL, short{3});
  CHECK_EQ(send_error(in, &sent.it, 0), WSAEINVAL);
  sent.it.Control.len = 0;
  in_pktinfo foreign{};
  foreign.ipi_addr.s_addr = htonl(0x0a090909);
  sent.add(IPPROTO_IP, IP_PKTINFO, foreign);
  CHECK_EQ(send_error(in, &sent.it, 0), WSAEADDRNOTAVAIL);
  sent.it.Control.len = 0;
  sent.it.name = nullptr;
  CHECK_EQ(send_error(in, &sent.it, 0), WSAENOTCONN);
}

DWORD routine_bytes = 0, routine_error = 99;
void CALLBACK note_end(DWORD error, DWORD bytes, LPWSAOVERLAPPED, DWORD) {
  routine_error = error;
  routine_bytes = bytes;
}

WIN_CASE(Messages, EndThroughARoutineAndByCancel) {
  const Started started;
  const SOCKET in = make_bound(SOCK_DGRAM);
  const auto receive_message = get<LPFN_WSARECVMSG>(in, WSAID_WSARECVMSG);
  Message message, sent;
  OVERLAPPED overlapped{};
  CHECK_EQ(receive_message(in, &message.it, nullptr, &overlapped, note_end), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
  sent.fill("seven..", name_of(in));
  Call sending;
  CHECK_EQ(WSASendMsg(in, &sent.it, 0, nullptr, &sending.overlapped, nullptr), 0);
  CHECK_EQ(sending.end(in), 7);
  CHECK_EQ(SleepEx(INFINITE, TRUE), DWORD{WAIT_IO_COMPLETION});
  CHECK_EQ(routine_error, 0u);
  CHECK_EQ(routine_bytes, 7u);
  Call call;
  CHECK_EQ(receive_message(in, &message.it, nullptr, &call.overlapped, nullptr), SOCKET_ERROR);
  CHECK(CancelIoEx(reinterpret_cast<HANDLE>(in), &call.overlapped));
  CHECK_EQ(call.end(in), -long{WSA_OPERATION_ABORTED});
}

}  // namespace
