#include "stack/tcp_configs.h"

#include <algorithm>
#include <utility>

namespace oriel::stack {

const tcp::TcpConfig* TcpConfigs::find(std::uint32_t interface_index) const {
  return interface_index < present_.size() ? present_[interface_index].get() : nullptr;
}

const tcp::TcpConfig& TcpConfigs::make(std::uint32_t interface_index,
                                       const tcp::TcpConfig& numbers) {
  if (interface_index >= present_.size()) present_.resize(interface_index + 1);
  expire(interface_index);
  auto made = std::make_unique<Shared>();
  static_cast<tcp::TcpConfig&>(*made) = numbers;
  present_[interface_index] = std::move(made);
  return *present_[interface_index];
}

void TcpConfigs::acquire(const tcp::TcpConfig& config) {
  ++shared(config).users;
}

void TcpConfigs::release(const tcp::TcpConfig& config) {
  if (--shared(config).users != 0) return;
  std::erase_if(former_, [&](const auto& f) { return f.get() == &config; });
}

void TcpConfigs::expire(std::uint32_t interface_index) {
  if (interface_index >= present_.size() || present_[interface_index] == nullptr) return;
  auto old = std::move(present_[interface_index]);
  if (old->users != 0) former_.push_back(std::move(old));
}

void TcpConfigs::expire_all() {
  for (std::uint32_t i = 0; i < present_.size(); ++i) expire(i);
}

std::size_t TcpConfigs::size() const {
  const auto made = std::count_if(present_.begin(), present_.end(),
                                  [](const auto& config) { return config != nullptr; });
  return static_cast<std::size_t>(made) + former_.size();
}

}  // namespace oriel::stack
