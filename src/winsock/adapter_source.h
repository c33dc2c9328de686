// The adapters of the host that sockets are made on, for functions that need no WSAStartup: without
// one they start the process's host for the length of the question.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "stack/adapters.h"

namespace oriel::winsock {

class AdapterSource {
 public:
  AdapterSource();
  ~AdapterSource();
  AdapterSource(const AdapterSource&) = delete;
  AdapterSource& operator=(const AdapterSource&) = delete;

  /// Empty: there is no stack (its environment is wrong, or this is a child of fork).
  std::vector<stack::Adapter> all() const;
  std::optional<std::uint32_t> towards(const IpAddress& destination) const;
  const std::vector<IpAddress>& dns() const { return dns_; }

 private:
  std::shared_ptr<stack::HostImpl> host_;
  std::vector<IpAddress> dns_;
  bool is_acquired_ = false;
};

}  // namespace oriel::winsock
