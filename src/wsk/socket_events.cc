// Event callbacks: what is due, and the calls, one at a time on the host's own thread, each without
// a turn and at DISPATCH_LEVEL.
//
//   on_readiness (the owner) --> look_for_events --> Pump deferred --> pump_once until nothing is
//   due
//
// A client may close the socket from inside: the call that is under way counts as outstanding, so
// the close completes when it has returned.
#include <utility>

#include "wdm/irql.h"
#include "win32/sockaddr.h"
#include "wsk/dispatch_tables.h"
#include "wsk/socket.h"
#include "wsk/socket_head.h"

namespace oriel::wsk {
namespace {

using Turn = stack::HostImpl::Turn;
namespace ready = socket::ready;

constexpr ULONG kAtDispatch = WSK_FLAG_AT_DISPATCH_LEVEL;

}  // namespace

void Socket::on_readiness(std::uint16_t what) {
  if ((what & ready::kBacklog) != 0) is_backlog_due_ = true;
  look_for_events();
}

void Socket::look_for_events() {
  if (is_closed_ || is_pump_due_) return;
  if (stream_ != nullptr && (callbacks_.is_any_enabled() || drain_ != nullptr)) {
    stream_->want_read();
  }
  if (!has_event(host_->core())) return;
  is_pump_due_ = true;
  note_begun();
  host_->defer(pump_);
}

bool Socket::may_indicate() const {
  return callbacks_.is_enabled(WSK_EVENT_RECEIVE) && is_connected_ && !is_receive_paused_ &&
         drain_ == nullptr && retained_bytes_ < kRetainedBytesMax && held_.empty();
}

bool Socket::has_event(Core& /*core*/) const {
  if (is_closed_) return false;
  if (listener_ != nullptr && options_.is_conditional) return has_inspection_due();
  if (listener_ != nullptr) {
    return callbacks_.is_enabled(WSK_EVENT_ACCEPT) && listener_->readiness() != 0;
  }
  if (datagrams_ != nullptr) {
    return callbacks_.is_enabled(WSK_EVENT_RECEIVE_FROM) && retained_bytes_ < kRetainedBytesMax &&
           (datagrams_->readiness() & ready::kRead) != 0;
  }
  if (stream_ == nullptr || !is_connected_) return false;
  const std::uint16_t now = stream_->readiness();
  constexpr std::uint16_t kOver = ready::kEnd | ready::kFailed;
  if (drain_ != nullptr && (now & (ready::kRead | kOver)) != 0) return true;
  if (may_indicate() && (now & ready::kRead) != 0 && stream_->readable_bytes() != 0) return true;
  if ((now & kOver) != 0 && !is_disconnect_told_ && callbacks_.is_enabled(WSK_EVENT_DISCONNECT)) {
    return true;
  }
  return is_backlog_due_ && callbacks_.is_enabled(WSK_EVENT_SEND_BACKLOG);
}

void Socket::pump() {
  const runtime::Ref<Socket> kept(this);
  for (int i = 0; i < kCallbacksPerTurn && pump_once(); ++i) {
  }
  {
    Turn turn(*host_);
    is_pump_due_ = false;
    look_for_events();
  }
  note_ended();
}

// One callback, or one step of a drain. False: nothing is due.
bool Socket::pump_once() {
  if (category_ == Category::kDatagram) return pump_datagrams();
  {
    Turn turn(*host_);
    if (!has_event(turn.core())) return false;
    if (drain_ != nullptr && pump_drain(turn.core())) return true;
  }
  return pump_inspect() || pump_accept() || pump_receive() || pump_disconnect() || pump_backlog();
}

// --- WSK_FLAG_DRAIN

bool Socket::set_drain(StreamIrp& operation) {
  if (drain_ != nullptr) return false;
  drain_ = &operation;
  return true;
}

bool Socket::pump_drain(Core& core) {
  const std::size_t bytes = stream_->readable_bytes();
  if (bytes != 0) {
    stream_->take_lent(core.now(), bytes);
    return true;
  }
  const std::uint16_t now = stream_->readiness();
  if ((now & (ready::kEnd | ready::kFailed)) == 0) return false;
  StreamIrp& operation = *std::exchange(drain_, nullptr);
  const bool has_failed = (now & ready::kFailed) != 0;
  operation.complete(has_failed ? stream_->transport()->error() : ErrorCode::kOk);
  return true;
}

// --- WskReceiveEvent

void Socket::note_receive(Core& /*core*/) {
  is_receive_paused_ = false;
  is_resume_due_ = is_indicating_;
  look_for_events();
}

bool Socket::pump_receive() {
  std::unique_ptr<DataIndications> list;
  ULONG flags = kAtDispatch;
  PFN_WSK_RECEIVE_EVENT call = nullptr;
  PVOID context = nullptr;
  {
    Turn turn(*host_);
    if (is_closed_ || stream_ == nullptr || !may_indicate()) return false;
    list = spare_ != nullptr ? std::move(spare_) : std::make_unique<DataIndications>();
    if (list->fill(runtime::Ref<Socket>(this), *stream_, turn->pool()) == 0) {
      spare_ = std::move(list);
      return false;
    }
    if (retained_bytes_ > kRetainedBytesMax / 2 || turn->is_over_budget()) {
      flags |= WSK_FLAG_RELEASE_ASAP;
    }
    list->state = ListState::kCalling;
    is_indicating_ = true;
    callbacks_.begin_call(WSK_EVENT_RECEIVE);
    call = connection_client()->WskReceiveEvent;
    context = context_;
  }
  SIZE_T accepted = list->bytes();
  NTSTATUS verdict = STATUS_SUCCESS;
  {
    const wdm::AtDispatch level;
    verdict = call(context, flags, list->shown(), list->bytes(), &accepted);
  }
  end_receive_call(std::move(list), verdict, accepted);
  return true;
}

// What the client took leaves the stream; what it refused stays, and waits for WskReceive.
void Socket::end_receive_call(std::unique_ptr<DataIndications> list, NTSTATUS verdict,
                              SIZE_T accepted) {
  Turn turn(*host_);
  const std::size_t bytes = list->bytes();
  std::size_t taken = 0;
  if (verdict == STATUS_PENDING) {
    taken = bytes;
    if (list->state == ListState::kCalling) {
      list->state = ListState::kRetained;
      retained_bytes_ += bytes;
    }
  } else if (NT_SUCCESS(verdict)) {
    taken = std::min<std::size_t>(accepted, bytes);
  }
  is_indicating_ = false;
  // A WskReceive that came meanwhile counts, too: the client may call it before it returns.
  const bool is_resumed = std::exchange(is_resume_due_, false);
  is_receive_paused_ = taken < bytes && !is_resumed;
  if (!is_closed_) stream_->take_lent(turn->now(), taken);
  if (list->state == ListState::kRetained) {
    list.release();  // the client's
  } else {
    list->clear();
    spare_ = std::move(list);
  }
  callbacks_.end_call(WSK_EVENT_RECEIVE);
  submit_held(turn.core());
}

void Socket::submit_held(Core& core) {
  while (!held_.empty()) {
    auto& operation = static_cast<StreamIrp&>(held_.pop());
    operation.is_queued = false;
    is_receive_paused_ = false;
    stream_->submit(core.now(), operation);
  }
}

// A callback that is under way deals with its list itself.
bool Socket::take_back(DataIndications& list) {
  switch (list.state) {
    case ListState::kCalling:
      list.state = ListState::kReleased;
      return true;
    case ListState::kRetained:
      break;
    case ListState::kReleased:
      return false;
  }
  retained_bytes_ -= list.bytes();
  list.clear();
  delete &list;
  look_for_events();
  return true;
}

// --- WskDisconnectEvent, WskSendBacklogEvent

bool Socket::pump_disconnect() {
  ULONG flags = kAtDispatch;
  PFN_WSK_DISCONNECT_EVENT call = nullptr;
  PVOID context = nullptr;
  {
    Turn turn(*host_);
    if (is_closed_ || stream_ == nullptr || is_disconnect_told_) return false;
    if (!callbacks_.is_enabled(WSK_EVENT_DISCONNECT)) return false;
    const std::uint16_t now = stream_->readiness();
    if ((now & (ready::kEnd | ready::kFailed)) == 0) return false;
    if ((now & ready::kFailed) != 0) flags |= WSK_FLAG_ABORTIVE;
    is_disconnect_told_ = true;
    callbacks_.begin_call(WSK_EVENT_DISCONNECT);
    call = connection_client()->WskDisconnectEvent;
    context = context_;
  }
  {
    const wdm::AtDispatch level;
    call(context, flags);
  }
  Turn turn(*host_);
  callbacks_.end_call(WSK_EVENT_DISCONNECT);
  return true;
}

// REQ ISB-11
bool Socket::pump_backlog() {
  SIZE_T backlog = 0;
  PFN_WSK_SEND_BACKLOG_EVENT call = nullptr;
  PVOID context = nullptr;
  {
    Turn turn(*host_);
    if (is_closed_ || stream_ == nullptr || !std::exchange(is_backlog_due_, false)) return false;
    if (!callbacks_.is_enabled(WSK_EVENT_SEND_BACKLOG)) return false;
    const auto present = stream_->report_backlog();
    if (!present) return false;
    backlog = *present;
    callbacks_.begin_call(WSK_EVENT_SEND_BACKLOG);
    call = connection_client()->WskSendBacklogEvent;
    context = context_;
  }
  {
    const wdm::AtDispatch level;
    call(context, backlog);
  }
  Turn turn(*host_);
  callbacks_.end_call(WSK_EVENT_SEND_BACKLOG);
  return true;
}

// --- WskAcceptEvent

bool Socket::pump_accept() {
  PVOID context = nullptr;
  PFN_WSK_ACCEPT_EVENT call = nullptr;
  runtime::Ref<Socket> child;
  sockaddr_storage local{}, remote{};
  {
    Turn turn(*host_);
    if (is_closed_ || listener_ == nullptr) return false;
    if (!callbacks_.is_enabled(WSK_EVENT_ACCEPT)) return false;
    WSK_INSPECT_ID id{};
    socket::Transport* accepted = next_accepted(&id);
    if (accepted == nullptr) return false;
    write_addresses(*accepted, &local, &remote);
    child = make_accepted(turn.core(), *accepted, nullptr, nullptr);
    if (!child) return true;
    if (options_.is_conditional) child->inspect_id_ = id;
    callbacks_.begin_call(WSK_EVENT_ACCEPT);
    call = listen_client()->WskAcceptEvent;
    context = context_;
  }
  const PWSK_SOCKET shown = make_head(child, connection_dispatch());
  PVOID child_context = nullptr;
  const WSK_CLIENT_CONNECTION_DISPATCH* child_dispatch = nullptr;
  NTSTATUS verdict = STATUS_SUCCESS;
  {
    const wdm::AtDispatch level;
    verdict = call(context, kAtDispatch, reinterpret_cast<PSOCKADDR>(&local),
                   reinterpret_cast<PSOCKADDR>(&remote), shown, &child_context, &child_dispatch);
  }
  const bool is_refused = !NT_SUCCESS(verdict) && take_from_head(shown);
  {
    Turn turn(*host_);
    callbacks_.end_call(WSK_EVENT_ACCEPT);
    if (is_refused) {
      child->close(turn.core());
    } else if (!child->is_closed()) {
      child->set_connection_client(child_context, child_dispatch);
      child->inherit(turn.core(), *this, true);
    }
  }
  if (is_refused) child->note_ended();  // of the head
  return true;
}

runtime::Ref<Socket> Socket::make_accepted(Core& core, socket::Transport& accepted, PVOID context,
                                           const WSK_CLIENT_CONNECTION_DISPATCH* dispatch) {
  Setup setup;
  setup.category = Category::kConnection;
  setup.family = family_;
  setup.context = context;
  setup.dispatch = dispatch;
  auto child = runtime::make_ref<Socket>(client_, setup);
  if (child->adopt(core, accepted)) return child;
  child->close(core);
  child->note_ended();
  return {};
}

void Socket::write_addresses(const socket::Transport& accepted, void* local, void* remote) const {
  INT bytes = win32::sockaddr_bytes(family_);
  if (local != nullptr) {
    win32::write_sockaddr(accepted.local(), family_, static_cast<sockaddr*>(local), &bytes);
  }
  if (remote != nullptr) {
    win32::write_sockaddr(accepted.remote(), family_, static_cast<sockaddr*>(remote), &bytes);
  }
}

// --- WskReceiveFromEvent

bool Socket::pump_datagrams() {
  std::unique_ptr<DatagramIndications> list;
  PFN_WSK_RECEIVE_FROM_EVENT call = nullptr;
  PVOID context = nullptr;
  {
    Turn turn(*host_);
    if (is_closed_ || datagrams_ == nullptr) return false;
    if (!callbacks_.is_enabled(WSK_EVENT_RECEIVE_FROM) || retained_bytes_ >= kRetainedBytesMax) {
      return false;
    }
    list = std::make_unique<DatagramIndications>();
    if (list->fill(runtime::Ref<Socket>(this), *datagrams_) == 0) return false;
    list->state = ListState::kCalling;
    callbacks_.begin_call(WSK_EVENT_RECEIVE_FROM);
    call = datagram_client()->WskReceiveFromEvent;
    context = context_;
  }
  NTSTATUS verdict = STATUS_SUCCESS;
  {
    const wdm::AtDispatch level;
    verdict = call(context, kAtDispatch, list->shown());
  }
  Turn turn(*host_);
  if (verdict == STATUS_PENDING && list->state == ListState::kCalling) {
    list->state = ListState::kRetained;
    retained_bytes_ += list->bytes();
    list.release();  // the client's
  } else {
    list->clear();
  }
  callbacks_.end_call(WSK_EVENT_RECEIVE_FROM);
  return true;
}

bool Socket::take_back(DatagramIndications& list) {
  switch (list.state) {
    case ListState::kCalling:
      list.state = ListState::kReleased;
      return true;
    case ListState::kRetained:
      break;
    case ListState::kReleased:
      return false;
  }
  retained_bytes_ -= list.bytes();
  list.clear();
  delete &list;
  look_for_events();
  return true;
}

}  // namespace oriel::wsk
