// Taking names, and reading the others' marks.
#include "loopback/port_names.h"

#include <algorithm>
#include <charconv>

#include "runtime/entropy.h"

namespace oriel::loopback {
namespace {

using socket::PortSharing;

/// 61440 and above.
constexpr std::uint16_t kTopBlocks = 64;
static_assert(kTopBlocks <= kBlocks);

std::string port_prefix(PortOf of, std::uint16_t port) {
  return (of == PortOf::kTcp ? "t/" : "u/") + std::to_string(port) + '/';
}

/// The mark of a holder who stands alone: with a wildcard against whoever binds one address of the
/// family, with one address against whoever binds the wildcard.
std::string alone_mark(PortOf of, std::uint16_t port, bool is_v4, bool is_wild) {
  return port_prefix(of, port) + (is_v4 ? '4' : '6') + (is_wild ? 'x' : 's');
}
std::string alone_mark(PortOf of, const Endpoint& local) {
  return alone_mark(of, local.port, local.address.is_v4(), local.address.is_unspecified());
}

bool leaves_none(const Endpoint& local, PortSharing sharing) {
  if (sharing == PortSharing::kNone) return true;
  return sharing == PortSharing::kExclusive && local.address.is_unspecified();
}

IpAddress usual_loopback(bool is_v4) {
  if (is_v4) return IpAddress::v4(127, 0, 0, 1);
  std::array<std::uint8_t, 16> one{};
  one[15] = 1;
  return IpAddress::v6(one.data());
}

/// The port of a name such as "t/50000/::"; 0: it has none.
std::uint16_t port_in(const std::string& name) {
  std::uint16_t port = 0;
  const std::size_t at = name.find('/');
  if (at == name.npos) return 0;
  std::from_chars(name.data() + at + 1, name.data() + name.size(), port);
  return port;
}

/// Some program has named a port of that block.
bool has_named_port(const Names& names, std::uint16_t block) {
  const auto is_in_block = [&](const std::string& name) {
    const std::uint16_t port = port_in(name);
    return is_ephemeral(port) && block_of(port) == block;
  };
  const auto tcp = names.list("t/");
  const auto udp = names.list("u/");
  return std::any_of(tcp.begin(), tcp.end(), is_in_block) ||
         std::any_of(udp.begin(), udp.end(), is_in_block);
}

}  // namespace

std::string name_of(PortOf of, const Endpoint& local) {
  return port_prefix(of, local.port) + local.address.to_string();
}

std::string name_of_block(std::uint16_t block) {
  return "e/" + std::to_string(block);
}

PortNames::~PortNames() {
  for (const auto& [name, held] : held_) {
    if (held.fd) listener_.on_name_given_up(held.fd.get());
  }
  for (const auto& fd : block_fds_) listener_.on_name_given_up(fd.get());
}

Result<void> PortNames::take(const std::string& name) {
  Held& held = held_[name];
  if (held.count++ != 0) return {};
  auto fd = names_.take(name);
  if (!fd) {
    held_.erase(name);
    return Failure(fd.error());
  }
  held.fd = std::move(*fd);
  listener_.on_name_taken(held.fd.get());
  return {};
}

void PortNames::give_up(const std::string& name) {
  const auto at = held_.find(name);
  if (at == held_.end() || --at->second.count != 0) return;
  if (at->second.fd) listener_.on_name_given_up(at->second.fd.get());
  held_.erase(at);
}

bool PortNames::is_elsewhere(const std::string& name) const {
  if (holds(name)) return false;
  const auto found = names_.find(name);
  return found || found.error().code == ErrorCode::kNoBuffers;
}

Result<void> PortNames::hold(PortOf of, const Endpoint& local, PortSharing sharing, bool is_dual) {
  if (auto r = hold_one(of, local, sharing); !r || !is_dual) return r;
  const Endpoint v4{IpAddress::v4_any(), local.port};
  auto r = hold_one(of, v4, sharing);
  if (!r) release_one(of, local, sharing);
  return r;
}

void PortNames::release(PortOf of, const Endpoint& local, PortSharing sharing, bool is_dual) {
  release_one(of, local, sharing);
  if (is_dual) release_one(of, {IpAddress::v4_any(), local.port}, sharing);
}

Result<void> PortNames::hold_one(PortOf of, const Endpoint& local, PortSharing sharing) {
  const std::string name = name_of(of, local);
  if (auto r = take(name); !r) {
    if (r.error().code != ErrorCode::kAddressInUse || sharing != PortSharing::kReuse) return r;
    // Both must say so. The first keeps the name, and with it what arrives.
    if (!is_elsewhere(name + "/r")) return fail(ErrorCode::kPermissionDenied);
    held_[name].count = 1;
  }
  if (auto r = check_others(of, local, sharing); !r) {
    give_up(name);
    return r;
  }
  // Marks of a second holder in this process, or of one that shares, are there already.
  if (sharing == PortSharing::kReuse) (void)take(name + "/r");
  if (leaves_none(local, sharing)) (void)take(alone_mark(of, local));
  return {};
}

void PortNames::release_one(PortOf of, const Endpoint& local, PortSharing sharing) {
  const std::string name = name_of(of, local);
  if (sharing == PortSharing::kReuse) give_up(name + "/r");
  if (leaves_none(local, sharing)) give_up(alone_mark(of, local));
  give_up(name);
}

Result<void> PortNames::check_others(PortOf of, const Endpoint& local, PortSharing sharing) const {
  if (is_ephemeral(local.port)) {
    const std::uint16_t block = block_of(local.port);
    if (!owns_block(block) && is_elsewhere(name_of_block(block))) {
      return fail(ErrorCode::kAddressInUse, "another process picks its own ports from there");
    }
  }
  const bool is_wild = local.address.is_unspecified();
  const Endpoint other{is_wild
                           ? usual_loopback(local.address.is_v4())
                           : (local.address.is_v4() ? IpAddress::v4_any() : IpAddress::v6_any()),
                       local.port};
  if (is_elsewhere(alone_mark(of, local.port, local.address.is_v4(), !is_wild))) {
    const bool is_strict = is_wild || sharing == PortSharing::kNone;
    return fail(is_strict ? ErrorCode::kAddressInUse : ErrorCode::kPermissionDenied);
  }
  if (sharing == PortSharing::kNone && is_elsewhere(name_of(of, other))) {
    return fail(ErrorCode::kAddressInUse);
  }
  return {};
}

bool PortNames::owns_block(std::uint16_t block) const {
  const auto first = static_cast<std::uint16_t>(socket::kEphemeralPortMin + block * kBlockPorts);
  return std::find(blocks_.begin(), blocks_.end(), first) != blocks_.end();
}

// From the top: programs that name a port of this range use the bottom of it, and Linux gives none
// above 60999 by itself. Within the top from anywhere, so that a program is rarely given at once
// the ports of one that has just ended, to which others may still send. First among those that no
// other domain has, so that ephemeral ports meet nobody else's in the kernel either.
Result<void> PortNames::take_block() {
  const auto try_block = [this](std::uint16_t block) -> Result<bool> {
    auto fd = names_.take(name_of_block(block));
    if (!fd) {
      if (fd.error().code == ErrorCode::kAddressInUse) return false;
      return Failure(fd.error());
    }
    if (has_named_port(names_, block)) return false;
    blocks_.push_back(static_cast<std::uint16_t>(socket::kEphemeralPortMin + block * kBlockPorts));
    listener_.on_name_taken(fd->get());
    block_fds_.push_back(std::move(*fd));
    return true;
  };
  static const Names machine = Names::of_machine();
  const std::uint64_t begin = runtime::real_entropy();
  for (const bool is_alone : {true, false}) {
    for (std::uint16_t nth = 0; nth < kBlocks; ++nth) {
      const std::uint64_t below_top = nth < kTopBlocks ? (begin + nth) % kTopBlocks : nth;
      const auto i = static_cast<std::uint16_t>(kBlocks - 1 - below_top);
      if (owns_block(i)) continue;
      auto machine_fd = machine.take(name_of_block(i));
      if (is_alone && !machine_fd) continue;
      const auto taken = try_block(i);
      if (!taken) return Failure(taken.error());
      if (!*taken) continue;
      if (machine_fd) block_fds_.push_back(std::move(*machine_fd));
      return {};
    }
  }
  return fail(ErrorCode::kAddressNotAvailable, "every ephemeral port is taken");
}

}  // namespace oriel::loopback
