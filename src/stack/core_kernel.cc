// The machine's own loopback as part of ours: the kernel's ports beside those of loopback addresses
// and wildcards, callers from native programs, and connects that nobody on Oriel would answer.
#include "stack/core.h"

namespace oriel::stack {

Result<void> Core::hold_in_kernel(PortOf of, const Endpoint& local, bool is_dual) {
  if (kernel_ == nullptr || of != PortOf::kTcp) return {};
  if (!local.address.is_unspecified() && !local.address.is_loopback()) return {};
  const auto hold_one = [this](const Endpoint& at) -> Result<void> {
    const auto held = kernel_->hold(at);
    if (held || domain_ == nullptr) return held;
    // Another program on Oriel may have it too, under rules that the kernel does not know.
    const auto owner = domain_->owner(PortOf::kTcp, at);
    return owner && *owner != 0 ? Result<void>{} : held;
  };
  if (const auto held = hold_one(local); !held || !is_dual) return held;
  const auto held = hold_one({IpAddress::v4_any(), local.port});
  if (!held) kernel_->release(local);
  return held;
}

void Core::release_in_kernel(PortOf of, const Endpoint& local, bool is_dual) {
  if (kernel_ == nullptr || of != PortOf::kTcp) return;
  kernel_->release(local);
  if (is_dual) kernel_->release({IpAddress::v4_any(), local.port});
}

void Core::listen_in_kernel(const Endpoint& bound, bool is_dual) {
  if (kernel_ == nullptr) return;
  kernel_->listen(bound);
  if (is_dual && bound.address == IpAddress::v6_any()) {
    kernel_->listen({IpAddress::v4_any(), bound.port});
  }
}

void Core::look_at_kernel() {
  kernel_->look();
  while (loopback::KernelStream* stream = kernel_->take_arrival()) {
    socket::Listener* listener = listeners_.find(stream->local());
    const bool is_welcome =
        listener != nullptr && listener->may_admit() && listener->may_complete() &&
        !is_over_budget() &&
        !is_inspected_natively(stream->local(), stream->remote(), FilterDirection::kInbound);
    if (!is_welcome) {
      ++statistics_.tcp_syn_drops;
      refuse(*stream);
      continue;
    }
    ++statistics_.tcp_passive_opens;
    listener->admit(*stream);
    listener->note_complete();
  }
}

// The kernel's packets and bytes pass no rule: where some rule would see the connection, there is
// none. REQ LFP-9
bool Core::is_inspected_natively(const Endpoint& local, const Endpoint& remote,
                                 FilterDirection opened) {
  if (loopback_inspection_reason(local, remote, opened).empty()) return false;
  ++statistics_.filter_blocks;
  return true;
}

// Whatever stands against it (nobody listens there, above all), the connect goes on among our own,
// where it meets the same answer as without native programs.
socket::Transport* Core::connect_native(const ConnectSpec& spec, const Endpoint& local,
                                        LinkId way) {
  if (kernel_ == nullptr || way != ip::kLoopbackInterface) return nullptr;
  if (!spec.remote.address.is_loopback() || listeners_.find(spec.remote) != nullptr) return nullptr;
  if (is_inspected_natively(local, spec.remote, FilterDirection::kOutbound)) return nullptr;
  const auto stream = kernel_->connect(spec.local, spec.remote);
  if (!stream) return nullptr;
  ++statistics_.tcp_active_opens;
  return *stream;
}

}  // namespace oriel::stack
