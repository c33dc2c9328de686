#include "loopback/kernel_datagrams.h"

#include <netinet/in.h>
#include <sys/socket.h>

// After the two above.
#include <linux/errqueue.h>

#include <cerrno>
#include <cstring>

#include "loopback/kernel_address.h"

namespace oriel::loopback::kernel_datagrams {
namespace {

using runtime::UniqueFd;

/// Calls that only deliver an error of an earlier datagram, before one is tried in earnest.
constexpr int kTriesMax = 4;
/// Entries of an error queue that say something else.
constexpr int kOtherErrorsMax = 64;

bool is_refusal(const msghdr& message) {
  for (const cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr;
       c = CMSG_NXTHDR(const_cast<msghdr*>(&message), const_cast<cmsghdr*>(c))) {
    const bool is_error = (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
                          (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR);
    if (!is_error || c->cmsg_len < CMSG_LEN(sizeof(sock_extended_err))) continue;
    sock_extended_err e;
    std::memcpy(&e, CMSG_DATA(c), sizeof e);
    return e.ee_errno == ECONNREFUSED;
  }
  return false;
}

}  // namespace

Result<UniqueFd> hold_port(const Endpoint& at) {
  const bool is_v4 = at.address.is_v4();
  UniqueFd fd(::socket(is_v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) {
    return fail(errno == EAFNOSUPPORT ? ErrorCode::kPermissionDenied : code_of_errno(errno));
  }
  const int on = 1;
  ::setsockopt(fd.get(), is_v4 ? IPPROTO_IP : IPPROTO_IPV6, is_v4 ? IP_RECVERR : IPV6_RECVERR, &on,
               sizeof on);
  const KernelAddress a(at);
  if (::bind(fd.get(), a.get(), a.bytes) == 0) return fd;
  return fail(errno == EADDRINUSE ? ErrorCode::kAddressInUse : ErrorCode::kPermissionDenied);
}

bool send(int fd, const Endpoint& to, ByteView payload) {
  const KernelAddress a(to);
  for (int i = 0; i < kTriesMax; ++i) {
    const ssize_t n =
        ::sendto(fd, payload.data(), payload.size(), MSG_DONTWAIT | MSG_NOSIGNAL, a.get(), a.bytes);
    if (n >= 0) return true;
    if (errno != EINTR && errno != ECONNREFUSED) return false;
  }
  return false;
}

std::optional<KernelDatagram> receive(int fd, ByteSpan buffer) {
  for (int i = 0; i < kTriesMax; ++i) {
    KernelAddress from;
    const ssize_t n =
        ::recvfrom(fd, buffer.data(), buffer.size(), MSG_DONTWAIT, from.get(), &from.bytes);
    if (n >= 0) {
      return KernelDatagram{from.endpoint(), {}, ByteView(buffer).first(std::size_t(n))};
    }
    if (errno != EINTR && errno != ECONNREFUSED) break;
  }
  return std::nullopt;
}

std::optional<Endpoint> take_refusal(int fd) {
  for (int i = 0; i < kOtherErrorsMax; ++i) {
    KernelAddress to;
    alignas(cmsghdr) char control[512];
    msghdr message{};
    message.msg_name = to.get();
    message.msg_namelen = to.bytes;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    if (::recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return std::nullopt;
    if (message.msg_namelen != 0 && is_refusal(message)) return to.endpoint();
  }
  return std::nullopt;
}

}  // namespace oriel::loopback::kernel_datagrams
