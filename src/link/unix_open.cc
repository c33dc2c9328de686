// Making and finding the path of a packet socket, and a sentence per failure.
//
// A listener that was killed leaves its path behind. It is told from a living one by connecting:
// only a refused connection proves that nobody listens, and only then, and only if it is a socket,
// is the path removed.
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "link/link_error.h"
#include "link/unix_link.h"

namespace oriel::link {
namespace {

constexpr std::size_t kUnixMtuMin = 68;  ///< RFC 791 3.2
/// A listener whose last peer has just left may not have noticed yet; it is given this long.
constexpr timeval kBusyWait{0, 250'000};

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return fail(ErrorCode::kInvalidArgument, "the path of a unix: link has 1 to " +
                                                 std::to_string(sizeof address.sun_path - 1) +
                                                 " characters, not " + std::to_string(path.size()));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

/// 0 or the errno. A listener that lives but has no room gives EAGAIN.
int connect_to(int fd, const sockaddr_un& address) {
  return ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0
                                                                                         : errno;
}

/// Makes room for our own path: removes what a dead listener left, refuses everything else.
Result<bool> clear_path(const std::string& path, const sockaddr_un& address) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return true;  // bind will say what is wrong
  if (!S_ISSOCK(status.st_mode)) {
    return fail(ErrorCode::kAddressInUse,
                "'" + path + "' exists and is not a socket: choose another path");
  }
  const UniqueFd probe = packet_socket();
  if (connect_to(probe.get(), address) != ECONNREFUSED) {
    return fail(ErrorCode::kAddressInUse,
                "another program listens on '" + path + "': end it, or choose another path");
  }
  ::unlink(path.c_str());
  return true;
}

DeviceInfo describe(const UnixLinkOptions& options) {
  DeviceInfo info;
  info.name = "unix:" + options.path;
  info.mtu = options.mtu;
  info.rx_buffer_bytes = options.mtu;
  return info;
}

Result<std::unique_ptr<Device>> listen_at(const UnixLinkOptions& options,
                                          const sockaddr_un& address) {
  if (auto ok = clear_path(options.path, address); !ok) return Failure(ok.error());
  UniqueFd listener = packet_socket();
  if (::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return Failure(error_from_errno("making the socket '" + options.path + "' failed", errno));
  }
  UniqueFd poll(::epoll_create1(EPOLL_CLOEXEC));
  if (!poll || ::listen(listener.get(), kBacklog) != 0) {
    const int error_number = errno;
    ::unlink(options.path.c_str());
    return Failure(error_from_errno("listening on '" + options.path + "' failed", error_number));
  }
  return std::make_unique<UnixLink>(std::move(listener), std::move(poll), options.path,
                                    describe(options));
}

Result<std::unique_ptr<Device>> connect_at(const UnixLinkOptions& options,
                                           const sockaddr_un& address) {
  UniqueFd peer(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  widen_send_buffer(peer.get());
  ::setsockopt(peer.get(), SOL_SOCKET, SO_SNDTIMEO, &kBusyWait, sizeof kBusyWait);
  switch (const int failed = connect_to(peer.get(), address)) {
    case 0:
      ::fcntl(peer.get(), F_SETFL, O_NONBLOCK);
      return std::make_unique<UnixLink>(std::move(peer), describe(options));
    case ENOENT:
      return fail(ErrorCode::kNotFound,
                  "there is no socket at '" + options.path + "': start the listening end first");
    case ECONNREFUSED:
      return fail(ErrorCode::kConnectionRefused,
                  "nobody listens on '" + options.path + "': start the listening end first");
    case EAGAIN:
      return fail(ErrorCode::kAddressInUse,
                  "the link '" + options.path + "' has both its ends: choose another path");
    case EPROTOTYPE:
      return fail(ErrorCode::kInvalidArgument,
                  "the socket at '" + options.path + "' is not a packet link (SOCK_SEQPACKET)");
    default:
      return Failure(error_from_errno("connecting to '" + options.path + "' failed", failed));
  }
}

}  // namespace

UniqueFd packet_socket() {
  return UniqueFd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

int connect_to_path(int fd, const std::string& path) {
  const auto address = address_of(path);
  return address ? connect_to(fd, *address) : EINVAL;
}

}  // namespace oriel::link

namespace oriel {

Result<std::unique_ptr<Device>> open_unix_link(const UnixLinkOptions& options) {
  if (options.mtu < link::kUnixMtuMin || options.mtu > 65535) {
    return fail(ErrorCode::kInvalidArgument,
                "an MTU is 68 to 65535 bytes, not " + std::to_string(options.mtu));
  }
  auto address = link::address_of(options.path);
  if (!address) return Failure(address.error());
  return options.is_listener ? link::listen_at(options, *address)
                             : link::connect_at(options, *address);
}

}  // namespace oriel
