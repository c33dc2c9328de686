// The ports of loopback addresses that this process holds among all of the user's processes.
//
// A port that a program names is a name of its own for each address; ephemeral ports come in blocks
// of kBlockPorts, so that a connection costs no name. Whoever names a port takes the name first and
// looks for a conflict then, and so does whoever takes a block: of two at the same time both may
// fail, but never both succeed. The surprise: conflicts that need the other holder's word are told
// by marks, further names beside the first.
//
//   t/8080/0.0.0.0   held         t/8080/0.0.0.0/r   its holder lets others have it too (reuse)
//   t/8080/4x  a wildcard's holder leaves no IPv4 address of the port to others (6x: IPv6)
//   t/8080/4s  the holder of one address leaves the wildcard to nobody
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "loopback/names.h"
#include "oriel/address.h"
#include "socket/port_space.h"

namespace oriel::loopback {

enum class PortOf : std::uint8_t { kTcp, kUdp };

/// Ephemeral ports of one name: enough for most processes, and 256 processes can have one.
inline constexpr std::uint16_t kBlockPorts = 64;
inline constexpr std::uint16_t kBlocks =
    static_cast<std::uint16_t>(socket::kEphemeralPorts / kBlockPorts);

/// "t/8080/127.0.0.1".
std::string name_of(PortOf of, const Endpoint& local);
std::string name_of_block(std::uint16_t block);
inline bool is_ephemeral(std::uint16_t port) {
  return port >= socket::kEphemeralPortMin;
}
inline std::uint16_t block_of(std::uint16_t port) {
  return static_cast<std::uint16_t>((port - socket::kEphemeralPortMin) / kBlockPorts);
}

/// Who hears of the sockets behind names.
class NameListener {
 public:
  /// Connections to `fd` shall be accepted from now on, until `on_name_given_up`.
  virtual void on_name_taken(int fd) = 0;
  virtual void on_name_given_up(int fd) = 0;

 protected:
  ~NameListener() = default;
};

class PortNames {
 public:
  PortNames(const Names& names, NameListener& listener) : names_(names), listener_(listener) {}
  ~PortNames();
  PortNames(const PortNames&) = delete;
  PortNames& operator=(const PortNames&) = delete;

  /// Claims a loopback address or wildcard with its port against the other processes. `is_dual`:
  /// `local` is `::` for both families. Errors: kAddressInUse, kPermissionDenied (only what the
  /// holder allows stands in the way), kNoBuffers.
  Result<void> hold(PortOf of, const Endpoint& local, socket::PortSharing sharing, bool is_dual);
  /// Requires: held so.
  void release(PortOf of, const Endpoint& local, socket::PortSharing sharing, bool is_dual);
  bool holds(const std::string& name) const { return held_.contains(name); }

  /// First ports of our blocks.
  const std::vector<std::uint16_t>& blocks() const { return blocks_; }
  bool owns_block(std::uint16_t block) const;
  /// One block more. Errors: kAddressNotAvailable (all are taken), kNoBuffers.
  Result<void> take_block();

 private:
  struct Held {
    runtime::UniqueFd fd;  ///< none: shared with another process's
    std::uint32_t count = 0;
  };
  Result<void> hold_one(PortOf of, const Endpoint& local, socket::PortSharing sharing);
  void release_one(PortOf of, const Endpoint& local, socket::PortSharing sharing);
  Result<void> check_others(PortOf of, const Endpoint& local, socket::PortSharing sharing) const;
  Result<void> take(const std::string& name);
  void give_up(const std::string& name);
  bool is_elsewhere(const std::string& name) const;

  const Names& names_;
  NameListener& listener_;
  boost::unordered_flat_map<std::string, Held> held_;
  std::vector<std::uint16_t> blocks_;
  std::vector<runtime::UniqueFd> block_fds_;
};

}  // namespace oriel::loopback
