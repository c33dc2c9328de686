// Rows of SOL_SOCKET: the receive buffer, whose rules are compat_policy's, and what is remembered
// and read back and does nothing yet (tools/lint's coverage_notes.toml says so of each).
//
// A receive buffer that was set is shown as it was set. One that was not shows 65,536 while tuning
// moves it, and its size where nothing does, so that "smaller" has a meaning on every profile.
#include "stack/config.h"
#include "winsock/option_access.h"

namespace oriel::winsock {
namespace {

using namespace option;  // NOLINT(google-build-using-namespace)

constexpr DWORD kOnlyCompartment = 1;

// What a port is chosen by must be said before it is.
template <KeptFlag kFlag>
int set_before_bind(Socket& s, Core& core, const void* value) {
  return s.is_bound() ? WSAEINVAL : set_bit<kFlag>(s, core, value);
}
template <KeptFlag kFlag>
constexpr OptionRow port_flag(int name) {
  return {SOL_SOCKET, name,           OptionFor::kAny,       OptionShape::kFlag,
          kFlagBytes, get_bit<kFlag>, set_before_bind<kFlag>};
}

int get_compartment(Socket&, Core&, void* value) {
  return give(value, kOnlyCompartment);
}
int set_compartment(Socket&, Core&, const void* value) {
  return number(value) == kOnlyCompartment ? 0 : WSAEINVAL;
}

bool is_established(Socket& s) {
  return s.stream() != nullptr && s.stream()->transport() != nullptr &&
         s.stream()->transport()->is_connected();
}

DWORD shown_rcv_buffer(Socket& s, Core& core) {
  if (s.options().is_rcv_buffer_set || !is_established(s)) return s.options().rcv_buffer_bytes;
  TcpInfo info;
  s.stream()->transport()->fill_info(core.now(), info);
  return stack::shown_rcv_buffer(info);
}
int get_rcv_buffer(Socket& s, Core& core, void* value) {
  return give(value, shown_rcv_buffer(s, core));
}
// REQ CM-3
int set_rcv_buffer(Socket& s, Core& core, const void* value) {
  const bool may_set = tcp::may_set_rcv_buffer(s.options().tcp(), is_established(s),
                                               shown_rcv_buffer(s, core), number(value));
  if (!may_set) return WSAEINVAL;
  return set_buffer<&O::rcv_buffer_bytes, &O::is_rcv_buffer_set>(s, core, value);
}

constexpr OptionRow kSocketRows[] = {
    {SOL_SOCKET, SO_RCVBUF, OptionFor::kAny, OptionShape::kNumber, kNumberBytes, get_rcv_buffer,
     set_rcv_buffer},
    bit<KeptFlag::kPauseAccept>(SOL_SOCKET, SO_PAUSE_ACCEPT, OptionFor::kStream),
    port_flag<KeptFlag::kPortScalability>(SO_PORT_SCALABILITY),
    port_flag<KeptFlag::kRandomizePort>(SO_RANDOMIZE_PORT),
    port_flag<KeptFlag::kReuseUnicastPort>(SO_REUSE_UNICASTPORT),
    port_flag<KeptFlag::kReuseMulticastPort>(SO_REUSE_MULTICASTPORT),
    {SOL_SOCKET, SO_COMPARTMENT_ID, OptionFor::kAny, OptionShape::kNumber, kNumberBytes,
     get_compartment, set_compartment},
};

}  // namespace

std::span<const OptionRow> socket_option_rows() {
  return kSocketRows;
}

}  // namespace oriel::winsock
