// Sessions, one transaction at a time, and the host.
#include "wfp/engine_state.h"

#include <algorithm>

#include "stack/process_host.h"

namespace oriel::wfp {
namespace {

/// Engine handles are no kernel objects: they start where no other handle is.
constexpr std::uintptr_t kFirstHandle = 0x7f000000;
constexpr std::uintptr_t kHandleStep = 4;

}  // namespace

EngineState& EngineState::instance() {
  static EngineState* const one = new EngineState;
  return *one;
}

EngineState::Session* EngineState::find(HANDLE handle) {
  if (stack::ProcessHost::is_forked()) return nullptr;  // the stack stayed with the parent
  const auto at = sessions_.find(handle);
  return at == sessions_.end() ? nullptr : &at->second;
}

HANDLE EngineState::new_handle() {
  last_handle_ += kHandleStep;
  return reinterpret_cast<HANDLE>(kFirstHandle + last_handle_);
}

// Another session's transaction holds everybody else up; nobody waits here (documented in the
// guide: txnWaitTimeoutInMSec counts as no time).
DWORD EngineState::may_write(const Session& session) const {
  if (transaction_ == 0) return ERROR_SUCCESS;
  if (!in_transaction(session)) return error(FWP_E_TIMEOUT);
  return is_read_only_ ? error(FWP_E_INCOMPATIBLE_TXN) : ERROR_SUCCESS;
}

DWORD EngineState::install(Store next) {
  if (!is_host_held_ && !next.is_empty()) {
    if (!stack::ProcessHost::acquire()) return RPC_S_SERVER_UNAVAILABLE;
    is_host_held_ = true;
  }
  if (is_host_held_) {
    const DWORD e = installed_.become(stack::ProcessHost::host(), next);
    if (e != ERROR_SUCCESS) return e;
  }
  store_ = std::move(next);
  if (is_host_held_ && store_.is_empty()) {
    is_host_held_ = false;
    stack::ProcessHost::release();
  }
  return ERROR_SUCCESS;
}

DWORD EngineState::open(const FWPM_SESSION0* given, HANDLE& handle) {
  if (stack::ProcessHost::is_forked()) return RPC_S_SERVER_UNAVAILABLE;
  if (given != nullptr && (given->flags & ~UINT32{FWPM_SESSION_FLAG_DYNAMIC}) != 0) {
    return error(FWP_E_INVALID_FLAGS);
  }
  const std::lock_guard hold(mutex_);
  // The environment's faults show here, as a service that does not run would.
  if (!stack::ProcessHost::acquire()) return RPC_S_SERVER_UNAVAILABLE;
  handle = new_handle();
  sessions_[handle] = {reinterpret_cast<std::uintptr_t>(handle),
                       given != nullptr && (given->flags & FWPM_SESSION_FLAG_DYNAMIC) != 0};
  return ERROR_SUCCESS;
}

DWORD EngineState::close(HANDLE handle) {
  const std::lock_guard hold(mutex_);
  Session* session = find(handle);
  if (session == nullptr) return ERROR_INVALID_HANDLE;
  if (in_transaction(*session)) {
    transaction_ = 0;
    draft_ = Store();
  }
  if (session->is_dynamic) {
    Store next = store_;
    next.delete_owned(session->id);
    install(std::move(next));
  }
  std::erase_if(enumerations_, [&](const auto& e) { return e.second.session == handle; });
  sessions_.erase(handle);
  stack::ProcessHost::release();
  return ERROR_SUCCESS;
}

DWORD EngineState::begin(HANDLE handle, bool is_read_only) {
  const std::lock_guard hold(mutex_);
  Session* session = find(handle);
  if (session == nullptr) return ERROR_INVALID_HANDLE;
  if (in_transaction(*session)) return error(FWP_E_TXN_IN_PROGRESS);
  if (transaction_ != 0) return error(FWP_E_TIMEOUT);
  transaction_ = session->id;
  is_read_only_ = is_read_only;
  draft_ = store_;
  return ERROR_SUCCESS;
}

DWORD EngineState::commit(HANDLE handle) {
  const std::lock_guard hold(mutex_);
  Session* session = find(handle);
  if (session == nullptr) return ERROR_INVALID_HANDLE;
  if (!in_transaction(*session)) return error(FWP_E_NO_TXN_IN_PROGRESS);
  transaction_ = 0;
  Store next = std::move(draft_);
  draft_ = Store();
  return is_read_only_ ? ERROR_SUCCESS : install(std::move(next));
}

DWORD EngineState::abort(HANDLE handle) {
  const std::lock_guard hold(mutex_);
  Session* session = find(handle);
  if (session == nullptr) return ERROR_INVALID_HANDLE;
  if (!in_transaction(*session)) return error(FWP_E_NO_TXN_IN_PROGRESS);
  transaction_ = 0;
  draft_ = Store();
  return ERROR_SUCCESS;
}

DWORD EngineState::bind(HANDLE handle, const GUID& key, ORIEL_FWPM_CLASSIFY_FN0 classify,
                        void* context) {
  const std::lock_guard hold(mutex_);
  Session* session = find(handle);
  if (session == nullptr) return ERROR_INVALID_HANDLE;
  if (in_transaction(*session)) return error(FWP_E_TXN_IN_PROGRESS);
  const Store::Callout* callout = store_.callout(key);
  if (callout == nullptr) return error(FWP_E_CALLOUT_NOT_FOUND);
  const stack::HostImpl::Turn turn(stack::ProcessHost::host());
  callout->binding->classify = classify;
  callout->binding->context = context;
  return ERROR_SUCCESS;
}

DWORD EngineState::begin_enumeration(HANDLE handle, Filters filters, HANDLE& out) {
  const std::lock_guard hold(mutex_);
  if (find(handle) == nullptr) return ERROR_INVALID_HANDLE;
  out = new_handle();
  enumerations_[out] = {handle, std::move(filters), 0};
  return ERROR_SUCCESS;
}

DWORD EngineState::next_of(HANDLE handle, HANDLE enumeration, std::size_t count, Filters& out) {
  const std::lock_guard hold(mutex_);
  if (find(handle) == nullptr) return ERROR_INVALID_HANDLE;
  const auto found = enumerations_.find(enumeration);
  if (found == enumerations_.end() || found->second.session != handle) return ERROR_INVALID_HANDLE;
  Enumeration& e = found->second;
  const std::size_t end = e.at + std::min(count, e.filters.size() - e.at);
  for (; e.at != end; ++e.at) out.push_back(e.filters[e.at]);
  return ERROR_SUCCESS;
}

DWORD EngineState::end_enumeration(HANDLE handle, HANDLE enumeration) {
  const std::lock_guard hold(mutex_);
  if (find(handle) == nullptr) return ERROR_INVALID_HANDLE;
  const auto found = enumerations_.find(enumeration);
  if (found == enumerations_.end() || found->second.session != handle) return ERROR_INVALID_HANDLE;
  enumerations_.erase(found);
  return ERROR_SUCCESS;
}

}  // namespace oriel::wfp
