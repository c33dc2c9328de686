// Which numbers rule a new connection over this interface? One TcpConfig each, made when the first
// connection needs it.
//
// What they are made from may change while connections live: `expire` lets new connections ask
// afresh, and those that exist keep the numbers that they began with, until the last of them is
// gone.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "tcp/tcp_config.h"

namespace oriel::stack {

class TcpConfigs {
 public:
  /// The present numbers of an interface; nullptr: they have to be made.
  const tcp::TcpConfig* find(std::uint32_t interface_index) const;
  const tcp::TcpConfig& make(std::uint32_t interface_index, const tcp::TcpConfig& numbers);
  /// A connection begins with `config`, or is gone. Requires: `config` is one of these.
  void acquire(const tcp::TcpConfig& config);
  void release(const tcp::TcpConfig& config);
  /// New connections over this interface, or over any, ask afresh.
  void expire(std::uint32_t interface_index);
  void expire_all();

  /// Present ones and those that only connections still hold; for tests.
  std::size_t size() const;

 private:
  struct Shared : tcp::TcpConfig {
    std::uint32_t users = 0;
  };
  static Shared& shared(const tcp::TcpConfig& config) {
    return static_cast<Shared&>(const_cast<tcp::TcpConfig&>(config));
  }

  std::vector<std::unique_ptr<Shared>> present_;  // by interface index; null: not made
  std::vector<std::unique_ptr<Shared>> former_;   // with users
};

}  // namespace oriel::stack
