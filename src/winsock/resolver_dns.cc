// One connected UDP socket a question, so that only the server's datagrams come in and a fresh port
// is guessed anew (RFC 5452 9.2). Goes over the provider's table directly: the program's last error
// and layers are not involved.
#include "winsock/resolver_dns.h"

#include <winsock2.h>
#include <ws2tcpip.h>

#include "runtime/entropy.h"
#include "winsock/catalogue.h"
#include "winsock/host_addresses.h"
#include "winsock/protocol_info.h"
#include "winsock/resolver.h"

namespace oriel::winsock {
namespace {

constexpr std::uint16_t kDnsPort = 53;
constexpr int kDatagramsPerQuestion =
    8;  // wrong ones listened to before the question is asked again

class UdpExchange {
 public:
  explicit UdpExchange(const WSPPROC_TABLE& table) : table_(table) {}
  ~UdpExchange() {
    if (socket_ != INVALID_SOCKET) table_.lpWSPCloseSocket(socket_, &error_);
  }
  UdpExchange(const UdpExchange&) = delete;
  UdpExchange& operator=(const UdpExchange&) = delete;

  bool open(const Endpoint& server, Duration patience) {
    const bool is_v4 = server.address.is_v4();
    WSAPROTOCOL_INFOW info = base_protocols()[is_v4 ? 1 : 3];
    socket_ = table_.lpWSPSocket(info.iAddressFamily, info.iSocketType, info.iProtocol, &info, 0, 0,
                                 &error_);
    if (socket_ == INVALID_SOCKET) return false;
    const auto ms =
        static_cast<DWORD>(std::chrono::duration_cast<std::chrono::milliseconds>(patience).count());
    table_.lpWSPSetSockOpt(socket_, SOL_SOCKET, SO_RCVTIMEO, reinterpret_cast<const char*>(&ms),
                           sizeof ms, &error_);
    const SOCKADDR_INET to = to_sockaddr({server.address, 0}, server.port);
    return table_.lpWSPConnect(socket_, reinterpret_cast<const sockaddr*>(&to),
                               is_v4 ? int{sizeof to.Ipv4} : int{sizeof to.Ipv6}, nullptr, nullptr,
                               nullptr, nullptr, &error_) == 0;
  }

  bool send(ByteView query) {
    WSABUF buffer = {static_cast<ULONG>(query.size()),
                     reinterpret_cast<char*>(const_cast<std::uint8_t*>(query.data()))};
    DWORD sent = 0;
    return table_.lpWSPSend(socket_, &buffer, 1, &sent, 0, nullptr, nullptr, nullptr, &error_) == 0;
  }

  // The next datagram; empty: none came in time.
  ByteView receive() {
    WSABUF buffer = {sizeof bytes_, reinterpret_cast<char*>(bytes_)};
    DWORD received = 0;
    DWORD flags = 0;
    if (table_.lpWSPRecv(socket_, &buffer, 1, &received, &flags, nullptr, nullptr, nullptr,
                         &error_) != 0) {
      return {};
    }
    return {bytes_, received};
  }

 private:
  const WSPPROC_TABLE& table_;
  SOCKET socket_ = INVALID_SOCKET;
  INT error_ = 0;
  std::uint8_t bytes_[runtime::kDnsDatagramBytesMax];
};

bool exchange(const Endpoint& server, ByteView query, Duration patience,
              const std::function<bool(ByteView)>& accepts) {
  UdpExchange udp(Catalogue::instance().base_table());
  if (!udp.open(server, patience) || !udp.send(query)) return false;
  for (int i = 0; i < kDatagramsPerQuestion; ++i) {
    const ByteView datagram = udp.receive();
    if (datagram.empty()) return false;
    if (accepts(datagram)) return true;
  }
  return false;
}

}  // namespace

std::optional<runtime::DnsClient> dns_client() {
  runtime::DnsClientOptions options;
  for (const IpAddress& server : name_servers()) options.servers.push_back({server, kDnsPort});
  if (options.servers.empty()) return std::nullopt;
  return runtime::DnsClient(std::move(options), exchange,
                            [] { return static_cast<std::uint16_t>(runtime::real_entropy()); });
}

}  // namespace oriel::winsock
