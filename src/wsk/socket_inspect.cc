// Conditional acceptance: asking the client, and what it decides.
#include <memory>
#include <utility>

#include "wdm/irql.h"
#include "wsk/inspection.h"
#include "wsk/socket.h"

namespace oriel::wsk {

using Turn = stack::HostImpl::Turn;
using State = Inspection::State;

Inspection::Inspection(Socket& listening, socket::Transport& stream, const WSK_INSPECT_ID& name)
    : socket(listening), transport(&stream), id(name) {
  transport->set_user(this);
}

bool Inspection::let_in() {
  socket::HeldRequest* held = transport->as_held();
  if (held != nullptr) {
    transport = held->permit();
    if (transport == nullptr) return false;
    transport->set_user(this);
  }
  state = held != nullptr ? State::kLetIn : State::kAccepted;
  return true;
}

void Inspection::on_transport_events(Instant /*now*/, socket::Transport& /*transport*/,
                                     std::uint16_t events) {
  if (transport->has_ended()) return socket.note_dropped(socket.host().core(), *this);
  const bool is_up = (events & socket::transport_event::kConnected) != 0;
  if (state == State::kLetIn && is_up) socket.note_established(*this);
}

void Socket::note_established(Inspection& inspection) {
  inspection.state = State::kAccepted;
  hand_out_accepted();
  look_for_events();
}

// Of a connection that was established and let in, nothing is told: it was never the client's.
void Socket::note_dropped(Core& core, Inspection& inspection) {
  if (inspection.state == State::kAccepted) return refuse(core, inspection);
  inspection.state = State::kAborted;
  look_for_events();
}

Inspection* Socket::find_inspection(State state) const {
  for (Inspection& one : inspections_) {
    if (one.state == state) return &one;
  }
  return nullptr;
}

void Socket::forget(Inspection& inspection) {
  --inspection_count_;
  delete &inspection;  // leaves the list
}

void Socket::refuse(Core& core, Inspection& inspection) {
  if (inspection.transport != nullptr) core.refuse(*inspection.transport);
  forget(inspection);
}

void Socket::refuse_inspected(Core& core) {
  while (!inspections_.empty()) refuse(core, *inspections_.begin());
}

bool Socket::has_inspection_due() const {
  if (find_inspection(State::kAborted) != nullptr) return true;
  if (listener_->readiness() != 0 && inspection_count_ < kInspectionsMax) return true;
  const bool is_wanted = !accepts_.empty() || callbacks_.is_enabled(WSK_EVENT_ACCEPT);
  return is_wanted && find_inspection(State::kAccepted) != nullptr;
}

// The next connection for WskAcceptEvent; nullptr: none.
socket::Transport* Socket::next_accepted(WSK_INSPECT_ID* id) {
  if (!options_.is_conditional)
    return listener_->readiness() != 0 ? listener_->try_accept() : nullptr;
  Inspection* accepted = find_inspection(State::kAccepted);
  if (accepted == nullptr) return nullptr;
  socket::Transport* transport = accepted->transport;
  *id = accepted->id;
  forget(*accepted);
  return transport;
}

void Socket::submit_accept(StreamIrp& operation) {
  if (!options_.is_conditional) return listener_->submit(operation);
  accepts_.push(operation);
  hand_out_accepted();
}

void Socket::hand_out_accepted() {
  while (!accepts_.empty()) {
    Inspection* accepted = find_inspection(State::kAccepted);
    if (accepted == nullptr) return;
    socket::Request& request = accepts_.pop();
    request.accepted = accepted->transport;
    forget(*accepted);
    request.complete(ErrorCode::kOk);
  }
}

// One question, or word of a peer that has gone.
bool Socket::pump_inspect() {
  return tell_aborted() || ask_about_next();
}

bool Socket::tell_aborted() {
  WSK_INSPECT_ID id{};
  PFN_WSK_ABORT_EVENT call = nullptr;
  PVOID context = nullptr;
  {
    Turn turn(*host_);
    if (is_closed_ || listener_ == nullptr || !options_.is_conditional) return false;
    Inspection* aborted = find_inspection(State::kAborted);
    if (aborted == nullptr) return false;
    id = aborted->id;
    refuse(turn.core(), *aborted);
    if (listen_client() != nullptr) call = listen_client()->WskAbortEvent;
    context = context_;
  }
  const wdm::AtDispatch level;
  if (call != nullptr) call(context, &id);
  return true;
}

bool Socket::ask_about_next() {
  Inspection* asked = nullptr;
  WSK_INSPECT_ID id{};
  PFN_WSK_INSPECT_EVENT call = nullptr;
  PVOID context = nullptr;
  sockaddr_storage local{}, remote{};
  {
    Turn turn(*host_);
    if (is_closed_ || listener_ == nullptr || !options_.is_conditional) return false;
    if (inspection_count_ >= kInspectionsMax || listener_->readiness() == 0) return false;
    socket::Transport* transport = listener_->try_accept();
    if (transport == nullptr) transport = listener_->try_take_held();
    if (transport == nullptr) return false;
    id = {reinterpret_cast<ULONG_PTR>(this), ++last_inspection_};
    asked = new Inspection(*this, *transport, id);
    ++inspection_count_;
    inspections_.push_back(*asked);
    write_addresses(*transport, &local, &remote);
    if (listen_client() != nullptr) call = listen_client()->WskInspectEvent;
    context = context_;
  }
  WSK_INSPECT_ACTION action = WskInspectAccept;
  if (call != nullptr) {
    const wdm::AtDispatch level;
    action = call(context, reinterpret_cast<PSOCKADDR>(&local),
                  reinterpret_cast<PSOCKADDR>(&remote), &id);
  }
  Turn turn(*host_);
  asked = is_closed_ ? nullptr : find_inspection(id);  // a close has refused it
  if (asked == nullptr) return true;
  const bool is_over = asked->state == State::kAborted;  // WskAbortEvent follows, unless refused
  if (action == WskInspectPend) {
    if (!is_over) asked->state = State::kPending;
  } else if (!is_over || action != WskInspectAccept) {
    decide(turn.core(), *asked, action);
  }
  return true;
}

Inspection* Socket::find_inspection(const WSK_INSPECT_ID& id) const {
  for (Inspection& one : inspections_) {
    if (one.id.Key == id.Key && one.id.SerialNumber == id.SerialNumber) return &one;
  }
  return nullptr;
}

void Socket::decide(Core& core, Inspection& inspection, WSK_INSPECT_ACTION action) {
  if (action != WskInspectAccept) return refuse(core, inspection);
  if (!inspection.let_in()) inspection.state = State::kAborted;
  hand_out_accepted();
}

NTSTATUS Socket::complete_inspection(Core& core, const WSK_INSPECT_ID& id,
                                     WSK_INSPECT_ACTION action) {
  if (listener_ == nullptr || !options_.is_conditional) return STATUS_INVALID_DEVICE_STATE;
  Inspection* pending = find_inspection(id);
  if (pending == nullptr || pending->state != State::kPending) return STATUS_NOT_FOUND;
  decide(core, *pending, action);
  look_for_events();
  return STATUS_SUCCESS;
}

}  // namespace oriel::wsk
