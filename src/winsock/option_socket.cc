// Rows of SOL_SOCKET that are remembered and read back, and do nothing yet; tools/lint's
// coverage_notes.toml says so of each.
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

constexpr OptionRow kRows[] = {
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
  return kRows;
}

}  // namespace oriel::winsock
