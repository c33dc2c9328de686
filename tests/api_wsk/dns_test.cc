// Names of a host with name servers of its own: both front-ends ask them over the host's sockets.
#include <winsock2.h>
#include <ws2tcpip.h>
// behind it
#include <cstdlib>
#include <string>
#include <thread>

#include "api_wsk/wsk_case.h"

namespace {

using namespace wsk_case;

constexpr const char* kServer = "127.77.77.53";

/// Before anybody starts the process's host.
const int is_environment_set = [] {
  ::setenv("ORIEL_DNS", kServer, 1);
  ::setenv("ORIEL_HOST", ("dns-test-" + std::to_string(::getpid())).c_str(), 1);
  return 1;
}();

constexpr int kNameAt = 12;  // RFC 1035 4.1.1: behind the header
constexpr int kRefused = 3;  // no such name
constexpr char kA = 1, kPtr = 12;

/// The dotted name at kNameAt, and where the question's type begins.
std::string name_in(const std::string& query, std::size_t& at) {
  std::string name;
  at = kNameAt;
  while (at < query.size() && query[at] != 0) {
    const auto bytes = static_cast<std::size_t>(query[at]);
    name += (name.empty() ? "" : ".") + query.substr(at + 1, bytes);
    at += 1 + bytes;
  }
  ++at;
  return name;
}

/// Answers for peer.oriel.test (10.1.2.3) and back; every other name does not exist.
std::string answer_to(const std::string& query) {
  std::size_t at = 0;
  const std::string name = name_in(query, at);
  std::string out = query.substr(0, at + 4);
  const char type = query[at + 1];
  std::string data;
  if (name == "peer.oriel.test" && type == kA) data = std::string("\x0a\x01\x02\x03", 4);
  if (name == "3.2.1.10.in-addr.arpa" && type == kPtr) {
    data = std::string("\x04peer\x05oriel\x04test\x00", 17);
  }
  const bool is_known = name == "peer.oriel.test" || !data.empty();
  out[2] = '\x81';
  out[3] = static_cast<char>(0x80 | (is_known ? 0 : kRefused));
  for (int i = 4; i < kNameAt; ++i) out[static_cast<std::size_t>(i)] = 0;
  out[5] = 1;  // the question again
  if (data.empty()) return out;
  out[7] = 1;  // one answer: the question's name, its type, IN, a minute
  out += std::string("\xc0\x0c\x00", 3) + type + std::string("\x00\x01\x00\x00\x00\x3c\x00", 7);
  return out + static_cast<char>(data.size()) + data;
}

/// A name server on the host's own loopback, for the length of a case.
class NameServer {
 public:
  NameServer() {
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data_), 0);
    socket_ = ::socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(53);
    CHECK_EQ(inet_pton(AF_INET, kServer, &at.sin_addr), 1);
    CHECK_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
    thread_ = std::thread([this] { serve(); });
  }
  ~NameServer() {
    closesocket(socket_);
    thread_.join();
    WSACleanup();
  }

 private:
  void serve() {
    for (;;) {
      char bytes[512];
      sockaddr_in from{};
      int from_bytes = sizeof from;
      auto* const who = reinterpret_cast<sockaddr*>(&from);
      const int n = ::recvfrom(socket_, bytes, sizeof bytes, 0, who, &from_bytes);
      if (n <= 0) return;
      const std::string out = answer_to({bytes, static_cast<std::size_t>(n)});
      ::sendto(socket_, out.data(), static_cast<int>(out.size()), 0, who, from_bytes);
    }
  }

  WSADATA data_;
  SOCKET socket_ = INVALID_SOCKET;
  std::thread thread_;
};

UNICODE_STRING text(std::wstring& of) {
  const auto bytes = static_cast<USHORT>(of.size() * sizeof(WCHAR));
  return {bytes, bytes, of.data()};
}

WIN_CASE(NameServers, AnswerWinsock) {
  REQ("WS-4");
  NameServer server;
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  REQUIRE_EQ(getaddrinfo("peer.oriel.test", "80", &hints, &found), 0);
  const auto& a = *reinterpret_cast<sockaddr_in*>(found->ai_addr);
  CHECK_EQ(a.sin_addr.s_addr, htonl(0x0a010203));
  char name[64] = "";
  CHECK_EQ(getnameinfo(found->ai_addr, sizeof a, name, sizeof name, nullptr, 0, NI_NAMEREQD), 0);
  CHECK_EQ(std::string(name), "peer.oriel.test");
  freeaddrinfo(found);
  CHECK_EQ(getaddrinfo("nobody.oriel.test", "80", &hints, &found), WSAHOST_NOT_FOUND);
}

WIN_CASE(NameServers, AnswerWsk) {
  REQ("WSK-1");
  NameServer server;
  Client client;
  const auto& p = client.provider;
  ADDRINFOEXW hints{};
  hints.ai_family = AF_INET;
  PADDRINFOEXW found = nullptr;
  const auto get = [&](std::wstring name) {
    UNICODE_STRING node = text(name);
    return run([&](PIRP i) {
      return p.Dispatch->WskGetAddressInfo(p.Client, &node, nullptr, 0, nullptr, &hints, &found,
                                           nullptr, nullptr, i);
    });
  };
  REQUIRE_EQ(get(L"peer.oriel.test"), STATUS_SUCCESS);
  const auto& a = *reinterpret_cast<sockaddr_in*>(found->ai_addr);
  CHECK_EQ(a.sin_addr.s_addr, RtlUlongByteSwap(0x0a010203));
  wchar_t back[64];
  UNICODE_STRING node = {0, sizeof back, back};
  CHECK_EQ(run([&](PIRP i) {
             return p.Dispatch->WskGetNameInfo(p.Client, found->ai_addr, sizeof a, &node, nullptr,
                                               NI_NAMEREQD, nullptr, nullptr, i);
           }),
           STATUS_SUCCESS);
  CHECK(std::wstring(back, node.Length / sizeof(wchar_t)) == L"peer.oriel.test");
  p.Dispatch->WskFreeAddressInfo(p.Client, found);
  CHECK_EQ(get(L"nobody.oriel.test"), STATUS_NO_MATCH);
  REQUIRE_EQ(get(L"localhost"), STATUS_SUCCESS);  // the host's own, whatever the servers say
  CHECK_EQ(reinterpret_cast<sockaddr_in*>(found->ai_addr)->sin_addr.s_addr,
           RtlUlongByteSwap(0x7f000001));
  p.Dispatch->WskFreeAddressInfo(p.Client, found);
}

}  // namespace
