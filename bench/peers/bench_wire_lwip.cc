// The rival lwIP for `./dev bench wire`: Debian's shared library with its own thread and socket
// calls, on plain TUN.
//
// Debian builds it with a window of 65,535 bytes and segments of 1,460, which is what is measured
// here; a program that compiles lwIP itself can give it larger ones.
//
// usage: bench_wire_lwip DEVICE ADDRESS PEER JOB ...   (jobs as bench_wire_peer has them; IPv4, a
// network of 24 bits)
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <semaphore.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>
#include <utility>

#include "support/wire_load.h"

extern "C" {  // this port's own declarations are C only
#include <lwip/ip4_addr.h>
#include <lwip/netif.h>
#include <lwip/pbuf.h>
#include <lwip/sockets.h>
#include <lwip/tcpip.h>
}

namespace {

using namespace oriel::bench;

constexpr std::size_t kMtu = 1500;

[[noreturn]] void give_up_with_errno(const char* what) {
  give_up(std::string(what) + ": " + std::strerror(errno));
}

int open_plain_tun(const char* name) {
  const int fd = ::open("/dev/net/tun", O_RDWR | O_CLOEXEC);
  ifreq request{};
  std::strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (fd < 0 || ::ioctl(fd, TUNSETIFF, &request) != 0) give_up_with_errno(name);
  return fd;
}

int tun_fd = -1;
netif tun_netif;

err_t write_packet(netif*, pbuf* packet, const ip4_addr_t*) {
  std::uint8_t whole[kMtu];
  const void* bytes = packet->payload;
  if (packet->len != packet->tot_len) {
    pbuf_copy_partial(packet, whole, packet->tot_len, 0);
    bytes = whole;
  }
  return ::write(tun_fd, bytes, packet->tot_len) < 0 ? ERR_IF : ERR_OK;
}

err_t start_netif(netif* n) {
  n->name[0] = 't';
  n->name[1] = 'n';
  n->mtu = kMtu;
  n->output = write_packet;
  return ERR_OK;
}

void read_packets() {
  while (true) {
    pbuf* packet = pbuf_alloc(PBUF_RAW, kMtu, PBUF_RAM);
    if (packet == nullptr) continue;
    const ssize_t n = ::read(tun_fd, packet->payload, kMtu);
    if (n <= 0) give_up_with_errno("read from TUN");
    pbuf_realloc(packet, static_cast<u16_t>(n));
    if (tun_netif.input(packet, &tun_netif) != ERR_OK) pbuf_free(packet);
  }
}

void start(const char* device, const char* own, const char* peer) {
  tun_fd = open_plain_tun(device);
  sem_t is_up;
  sem_init(&is_up, 0, 0);
  tcpip_init([](void* up) { sem_post(static_cast<sem_t*>(up)); }, &is_up);
  sem_wait(&is_up);
  ip4_addr_t address, mask, gateway;
  address.addr = inet_addr(own);
  mask.addr = inet_addr("255.255.255.0");
  gateway.addr = inet_addr(peer);
  LOCK_TCPIP_CORE();
  netif_add(&tun_netif, &address, &mask, &gateway, nullptr, start_netif, tcpip_input);
  netif_set_default(&tun_netif);
  netif_set_up(&tun_netif);
  netif_set_link_up(&tun_netif);
  UNLOCK_TCPIP_CORE();
  std::thread(read_packets).detach();
}

sockaddr_in address_of(const char* text, std::uint16_t port) {
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_port = htons(port);
  a.sin_addr.s_addr = inet_addr(text);
  return a;
}

class Stream {
 public:
  explicit Stream(int fd) : fd_(fd) {
    const int on = 1;
    lwip_setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  Stream(Stream&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Stream& operator=(Stream&&) = delete;
  ~Stream() {
    if (fd_ >= 0) lwip_close(fd_);
  }
  void send(std::span<const std::uint8_t> bytes) {
    while (!bytes.empty()) {
      const ssize_t n = lwip_send(fd_, bytes.data(), bytes.size(), 0);
      if (n <= 0) give_up_with_errno("lwIP send");
      bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
  }
  std::size_t receive(std::span<std::uint8_t> into) {
    const ssize_t n = lwip_recv(fd_, into.data(), into.size(), 0);
    return n <= 0 ? 0 : static_cast<std::size_t>(n);
  }
  void finish() { lwip_shutdown(fd_, SHUT_WR); }
  void reset() {
    const linger at_once{1, 0};
    lwip_setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    lwip_close(std::exchange(fd_, -1));
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

struct Listener {
  int fd;
  Stream accept() { return Stream(lwip_accept(fd, nullptr, nullptr)); }
};

struct LwipNet {
  Stream connect(const std::string& address, std::uint16_t port) {
    Stream s(lwip_socket(AF_INET, SOCK_STREAM, 0));
    const sockaddr_in a = address_of(address.c_str(), port);
    if (lwip_connect(s.fd(), reinterpret_cast<const sockaddr*>(&a), sizeof a) != 0)
      give_up_with_errno("lwIP connect");
    return s;
  }
  Listener listen(std::uint16_t port) {
    const int fd = lwip_socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in a = address_of("0.0.0.0", port);
    if (lwip_bind(fd, reinterpret_cast<const sockaddr*>(&a), sizeof a) != 0 ||
        lwip_listen(fd, 16) != 0) {
      give_up_with_errno("lwIP listen");
    }
    return {fd};
  }
};

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  if (argc < 5)
    return std::fputs("usage: bench_wire_lwip DEVICE ADDRESS PEER JOB ...\n", stderr), 2;
  start(argv[1], argv[2], argv[3]);
  LwipNet net;
  const bool is_job = run_job(net, std::span<char*>(argv + 4, argv + argc));
  if (!is_job) std::fputs("bench_wire_lwip: there is no such job\n", stderr);
  std::fflush(stdout);
  std::_Exit(is_job ? 0 : 2);  // lwIP's own thread never ends
}
