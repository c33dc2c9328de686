// A host that a test gave is asked as it is; the process's is counted, so that it outlives the
// question.
#include "winsock/adapter_source.h"

#include "stack/process_host.h"
#include "winsock/base_lifetime.h"
#include "winsock/provider_host.h"

namespace oriel::winsock {

AdapterSource::AdapterSource() {
  if (stack::ProcessHost::is_forked()) return;
  host_ = provider_host();
  if (host_ != nullptr && !has_process_host()) return;
  if (!stack::ProcessHost::acquire()) {
    host_ = nullptr;
    return;
  }
  is_acquired_ = true;
  host_ = stack::ProcessHost::shared();
  dns_ = stack::ProcessHost::config().dns;
}

AdapterSource::~AdapterSource() {
  host_ = nullptr;
  if (is_acquired_) stack::ProcessHost::release();
}

std::vector<stack::Adapter> AdapterSource::all() const {
  if (host_ == nullptr) return {};
  stack::HostImpl::Turn turn(*host_);
  return stack::adapters_of(turn.core());
}

std::optional<std::uint32_t> AdapterSource::towards(const IpAddress& destination) const {
  if (host_ == nullptr) return std::nullopt;
  stack::HostImpl::Turn turn(*host_);
  return stack::interface_towards(turn.core(), destination);
}

}  // namespace oriel::winsock
