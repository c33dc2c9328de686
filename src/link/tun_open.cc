// TUN and TAP, setting up: attach or create, offloads, MTU, interface up, and a sentence per
// failure.
//
// A device that exists keeps its multi-queue nature and refuses an attach that differs; asking
// without and then, if refused, with it needs no look into /sys, which may show another namespace.
// Bringing an interface up needs CAP_NET_ADMIN, so it is done only where it changes something.
// The surprise: the kernel notices a new carrier later, on a thread of its own, and until then it
// drops what it would send us, such as the answer to a first SYN. So opening waits for it, briefly.
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "link/link_error.h"
#include "link/tun.h"

namespace oriel::link {
namespace {

constexpr std::size_t kSuperSegmentBytesMax = 65535;  ///< the IPv4 total length field
constexpr std::size_t kEthernetHeaderBytes = 14;
constexpr std::size_t kVlanTagBytes = 4;
constexpr std::size_t kMtuMin = 68;  ///< RFC 791 3.2
/// Linux looks at carriers once a second at least (net/core/link_watch.c).
constexpr int kCarrierWaitMsMax = 1500;

ifreq request_for(const std::string& name) {
  ifreq request{};
  std::memcpy(request.ifr_name, name.data(), std::min(name.size(), std::size_t{IFNAMSIZ - 1}));
  return request;
}

bool is_good_name(const std::string& name) {
  if (name.size() >= IFNAMSIZ || name == "." || name == "..") return false;
  return std::none_of(name.begin(), name.end(), [](char c) {
    return c == '/' || c == ':' || c == '%' || static_cast<unsigned char>(c) <= ' ' || c == 0x7f;
  });
}

/// "tun", "tap", another driver's name, or empty when there is no such interface.
std::string kind_of(int control_fd, const std::string& name) {
  ethtool_drvinfo driver{};
  driver.cmd = ETHTOOL_GDRVINFO;
  ifreq request = request_for(name);
  request.ifr_data = reinterpret_cast<char*>(&driver);
  if (::ioctl(control_fd, SIOCETHTOOL, &request) != 0) return errno == ENODEV ? "" : "another kind";
  return std::strcmp(driver.driver, "tun") == 0 ? driver.bus_info : driver.driver;
}

Error attach_error(int error_number, const TunOptions& options, const std::string& existing_kind) {
  const std::string mode = options.is_tap ? "tap" : "tun";
  const std::string quoted = "'" + options.name + "'";
  if (error_number == EPERM || error_number == EACCES) {
    const std::string make = "`ip tuntap add dev " +
                             (options.name.empty() ? "NAME" : options.name) + " mode " + mode +
                             " user $USER`";
    return {ErrorCode::kPermissionDenied,
            existing_kind.empty()
                ? "making the " + mode + " device " + quoted +
                      " needs root or CAP_NET_ADMIN; or let root make it for you once with " + make
                : "the device " + quoted +
                      " belongs to another user: run as root, or let root make " +
                      "it anew for you with " + make};
  }
  if (error_number == EBUSY || error_number == E2BIG) {
    return {ErrorCode::kInProgress,
            "another program is attached to " + quoted + ": end it, or use another device"};
  }
  if (error_number == EINVAL && !existing_kind.empty() && existing_kind != mode) {
    const bool is_other_mode = existing_kind == "tun" || existing_kind == "tap";
    return {ErrorCode::kInvalidArgument,
            quoted + " is not a " + mode + " device but " + existing_kind +
                (is_other_mode ? ": write " + existing_kind + ":" + options.name
                               : ": choose another name")};
  }
  return error_from_errno("attaching to " + mode + " device " + quoted + " failed", error_number);
}

/// Attaches, creating the device where there is none. Gives the interface's name.
Result<std::string> attach(int fd, int control_fd, const TunOptions& options) {
  const std::string existing = options.name.empty() ? "" : kind_of(control_fd, options.name);
  if (existing.empty() && !options.may_create) {
    const std::string mode = options.is_tap ? "tap" : "tun";
    return fail(ErrorCode::kNotFound,
                "there is no device '" + options.name + "': make it with `ip tuntap add dev " +
                    options.name + " mode " + mode + "`, then give it an address and bring it up");
  }
  const int flags =
      (options.is_tap ? IFF_TAP : IFF_TUN) | IFF_NO_PI | (options.is_offloaded ? IFF_VNET_HDR : 0);
  ifreq request = request_for(options.name);
  request.ifr_flags = static_cast<short>(flags);
  int failed = ::ioctl(fd, TUNSETIFF, &request) == 0 ? 0 : errno;
  if (failed == EINVAL && existing == (options.is_tap ? "tap" : "tun")) {
    request = request_for(options.name);
    request.ifr_flags = static_cast<short>(flags | IFF_MULTI_QUEUE);
    failed = ::ioctl(fd, TUNSETIFF, &request) == 0 ? 0 : errno;
  }
  if (failed != 0) return Failure(attach_error(failed, options, existing));
  return std::string(request.ifr_name);
}

/// Header and offloads as this attach needs them, whatever the last user left.
Result<bool> set_offloads(int fd, const TunOptions& options, const std::string& name) {
  ifreq now{};
  const bool is_known = ::ioctl(fd, TUNGETIFF, &now) == 0;
  if (is_known && ((now.ifr_flags & IFF_VNET_HDR) != 0) != options.is_offloaded) {
    return fail(ErrorCode::kInProgress, "another program is attached to a queue of '" + name +
                                            "' with other packet headers: end it first");
  }
  unsigned offloads = 0;
  if (options.is_offloaded) {
    const int header_bytes = kVnetHeaderBytes;
    const int is_little_endian = 1;
    if (::ioctl(fd, TUNSETVNETHDRSZ, &header_bytes) != 0 ||
        ::ioctl(fd, TUNSETVNETLE, &is_little_endian) != 0) {
      return Failure(error_from_errno("setting the packet header of '" + name + "' failed", errno));
    }
    offloads = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
  }
  if (::ioctl(fd, TUNSETOFFLOAD, offloads) != 0) {
    return Failure(error_from_errno("setting the offloads of '" + name + "' failed", errno));
  }
  return true;
}

Result<std::size_t> settle_mtu(int control_fd, const std::string& name, std::size_t wanted) {
  ifreq request = request_for(name);
  if (::ioctl(control_fd, SIOCGIFMTU, &request) != 0) {
    return Failure(error_from_errno("reading the MTU of '" + name + "' failed", errno));
  }
  const auto present = static_cast<std::size_t>(request.ifr_mtu);
  if (wanted == 0 || wanted == present) return present;
  request = request_for(name);
  request.ifr_mtu = static_cast<int>(wanted);
  if (::ioctl(control_fd, SIOCSIFMTU, &request) == 0) return wanted;
  return Failure(error_from_errno("setting the MTU of '" + name + "' to " + std::to_string(wanted) +
                                      " failed (root may: `ip link set " + name + " mtu " +
                                      std::to_string(wanted) + "`)",
                                  errno));
}

Result<bool> bring_up(int control_fd, const std::string& name) {
  ifreq request = request_for(name);
  if (::ioctl(control_fd, SIOCGIFFLAGS, &request) == 0) {
    if ((request.ifr_flags & IFF_UP) != 0) return true;
    request.ifr_flags |= IFF_UP;
    if (::ioctl(control_fd, SIOCSIFFLAGS, &request) == 0) return true;
  }
  return Failure(error_from_errno(
      "bringing '" + name + "' up failed (root may: `ip link set " + name + " up`)", errno));
}

/// Returns once the kernel sends into an interface that is up, or gives up waiting. Its carrier
/// shows (IFF_RUNNING) shortly before its queue is made; the same lock is held for both, and the
/// question after the driver takes that lock.
void wait_for_carrier(int control_fd, const std::string& name) {
  for (int waited_ms = 0; waited_ms < kCarrierWaitMsMax; ++waited_ms) {
    ifreq request = request_for(name);
    if (::ioctl(control_fd, SIOCGIFFLAGS, &request) != 0 || (request.ifr_flags & IFF_UP) == 0)
      return;
    if ((request.ifr_flags & IFF_RUNNING) != 0) {
      (void)kind_of(control_fd, name);
      return;
    }
    (void)::poll(nullptr, 0, 1);
  }
}

/// The address of our end of a TAP: the kernel's own with the last bit changed, locally
/// administered.
MacAddress far_end_mac(int control_fd, const std::string& name) {
  MacAddress mac{};
  ifreq request = request_for(name);
  if (::ioctl(control_fd, SIOCGIFHWADDR, &request) != 0) return mac;
  std::memcpy(mac.bytes.data(), request.ifr_hwaddr.sa_data, 6);
  mac.bytes[0] = static_cast<std::uint8_t>((mac.bytes[0] | 0x02) & 0xfe);
  mac.bytes[5] ^= 0x01;
  return mac;
}

DeviceInfo describe(int control_fd, const std::string& name, const TunOptions& options,
                    std::size_t mtu) {
  DeviceInfo info;
  info.name = (options.is_tap ? "tap:" : "tun:") + name;
  info.mtu = mtu;
  std::size_t link_bytes = 0;
  if (options.is_tap) {
    info.framing = DeviceInfo::Framing::kEthernet;
    info.mac = far_end_mac(control_fd, name);
    link_bytes = kEthernetHeaderBytes;
  }
  info.rx_buffer_bytes = mtu + link_bytes + kVlanTagBytes;
  if (options.is_offloaded) {
    info.has_tx_checksum = true;
    info.tso_bytes_max = kSuperSegmentBytesMax + link_bytes;
    info.rx_buffer_bytes = kSuperSegmentBytesMax + 40 + link_bytes + kVlanTagBytes;
  }
  return info;
}

Result<bool> check(const TunOptions& options) {
  if (!is_good_name(options.name)) {
    return fail(ErrorCode::kInvalidArgument,
                "'" + options.name + "' is not an interface name: at most 15 characters, without " +
                    "spaces, '/', ':' and '%'");
  }
  if (options.mtu != 0 && (options.mtu < kMtuMin || options.mtu > 65535)) {
    return fail(ErrorCode::kInvalidArgument,
                "an MTU is 68 to 65535 bytes, not " + std::to_string(options.mtu));
  }
  return true;
}

}  // namespace
}  // namespace oriel::link

namespace oriel {

Result<std::unique_ptr<Device>> open_tun(const TunOptions& options) {
  using namespace link;
  if (auto ok = check(options); !ok) return Failure(ok.error());
  UniqueFd control(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!control) return Failure(error_from_errno("opening a control socket failed", errno));
  const bool existed = !options.name.empty() && !kind_of(control.get(), options.name).empty();

  UniqueFd fd(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!fd && (errno == ENOENT || errno == ENODEV || errno == ENXIO)) {
    return fail(ErrorCode::kNotFound,
                "this system has no /dev/net/tun: load the module (`modprobe tun`), or give the "
                "container that device");
  }
  if (!fd) {
    return Failure(
        error_from_errno("opening /dev/net/tun failed (root, or rights on it, are needed)", errno));
  }
  auto name = attach(fd.get(), control.get(), options);
  if (!name) return Failure(name.error());
  if (auto ok = set_offloads(fd.get(), options, *name); !ok) return Failure(ok.error());
  auto mtu = settle_mtu(control.get(), *name, options.mtu);
  if (!mtu) return Failure(mtu.error());
  if (!existed || options.mtu != 0) {
    if (auto ok = bring_up(control.get(), *name); !ok) return Failure(ok.error());
  }
  wait_for_carrier(control.get(), *name);
  DeviceInfo info = describe(control.get(), *name, options, *mtu);
  return std::make_unique<TunDevice>(std::move(fd), std::move(info), options.is_offloaded);
}

}  // namespace oriel
