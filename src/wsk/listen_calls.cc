// WskListen, WskAccept, WskInspectComplete.
#include <utility>

#include "wsk/call.h"
#include "wsk/dispatch_tables.h"

namespace oriel::wsk {
namespace {

using stack::Core;

/// What WskAccept was given for the socket to come.
struct AcceptPlan {
  PVOID context = nullptr;
  const WSK_CLIENT_CONNECTION_DISPATCH* dispatch = nullptr;
  PSOCKADDR local = nullptr;
  PSOCKADDR remote = nullptr;
};

/// Waits for a connection; Information is its socket.
class AcceptIrp final : public StreamIrp {
 public:
  AcceptIrp(const runtime::Ref<Socket>& listening, IRP& irp, const AcceptPlan& plan)
      : StreamIrp(listening, irp, Kind::kAccept), plan_(std::make_unique<AcceptPlan>(plan)) {}

 private:
  Outcome settle() override {
    if (error != ErrorCode::kOk) return {status_of(error), 0};
    Core& core = socket().host().core();
    socket().write_addresses(*accepted, plan_->local, plan_->remote);
    auto child = socket().make_accepted(core, *accepted, plan_->context, plan_->dispatch);
    if (!child) return {STATUS_INSUFFICIENT_RESOURCES, 0};
    child->inherit(core, socket(), false);
    const PWSK_SOCKET shown = make_head(std::move(child), connection_dispatch());
    return {STATUS_SUCCESS, reinterpret_cast<ULONG_PTR>(shown)};
  }

  const std::unique_ptr<AcceptPlan> plan_;
};
static_assert(sizeof(AcceptIrp) + sizeof(AcceptPlan) <= kPendingBytesMax);

}  // namespace

NTSTATUS WSKAPI wsk_listen(PWSK_SOCKET shown, PIRP irp) {
  Call call("WskListen", shown, irp, bit_of(Category::kStream));
  return call.run([&](Core& core) -> Outcome { return {call.socket()->listen(core)}; });
}

NTSTATUS WSKAPI wsk_accept(PWSK_SOCKET shown, ULONG flags, PVOID context,
                           const WSK_CLIENT_CONNECTION_DISPATCH* dispatch, PSOCKADDR local,
                           PSOCKADDR remote, PIRP irp) {
  Call call("WskAccept", shown, irp, kListeners);
  return call.run([&](Core& core) -> Outcome {
    Socket& socket = *call.socket();
    if (flags != 0) return {STATUS_INVALID_PARAMETER};
    if (socket.listener() == nullptr) return {STATUS_INVALID_DEVICE_STATE};
    auto operation = std::make_unique<AcceptIrp>(call.socket(), call.irp(),
                                                 AcceptPlan{context, dispatch, local, remote});
    return PendingIrp::issue(core, std::move(operation),
                             [&](AcceptIrp& o) { socket.submit_accept(o); });
  });
}

NTSTATUS WSKAPI wsk_inspect_complete(PWSK_SOCKET shown, PWSK_INSPECT_ID id,
                                     WSK_INSPECT_ACTION action, PIRP irp) {
  Call call("WskInspectComplete", shown, irp, bit_of(Category::kListen));
  return call.run([&](Core& core) -> Outcome {
    const bool is_verdict = action == WskInspectAccept || action == WskInspectReject;
    if (id == nullptr || !is_verdict) return {STATUS_INVALID_PARAMETER};
    return {call.socket()->complete_inspection(core, *id, action)};
  });
}

}  // namespace oriel::wsk
