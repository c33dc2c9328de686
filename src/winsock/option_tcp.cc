// Rows of IPPROTO_TCP but TCP_NODELAY: keepalive, giving up, the size of segments; and what is only
// remembered.
#include <ws2tcpip.h>

#include "winsock/option_access.h"

namespace oriel::winsock {
namespace {

using namespace option;  // NOLINT(google-build-using-namespace)

constexpr DWORD kForEver = 0xffffffff;
constexpr DWORD kSecondsMax = 0x7fffffff / 1000;
constexpr DWORD kIdleSeconds = 7200;  // what Windows documents as its defaults
constexpr DWORD kIntervalSeconds = 1;
constexpr DWORD kProbes = 10;

template <DWORD O::*Milliseconds, DWORD kDefault>
int get_seconds(Socket& s, Core&, void* value) {
  const DWORD set_ms = s.options().*Milliseconds;
  return give(value, set_ms == 0 ? kDefault : set_ms / 1000);
}
template <DWORD O::*Milliseconds>
int set_seconds(Socket& s, Core& core, const void* value) {
  const DWORD seconds = number(value);
  if (seconds == 0 || seconds > kSecondsMax) return WSAEINVAL;
  s.options().*Milliseconds = seconds * 1000;
  s.apply_options(core);
  return 0;
}
template <DWORD O::*Milliseconds, DWORD kDefault>
constexpr OptionRow seconds(int name) {
  return {IPPROTO_TCP,
          name,
          kStream,
          OptionShape::kNumber,
          kNumberBytes,
          get_seconds<Milliseconds, kDefault>,
          set_seconds<Milliseconds>};
}

int get_probes(Socket& s, Core&, void* value) {
  const DWORD set = s.options().keepalive_probes;
  return give(value, set == 0 ? kProbes : set);
}

// Seconds or milliseconds until unanswered data ends a connection; -1: never.
int get_maxrt(Socket& s, Core&, void* value) {
  const DWORD ms = s.options().retransmit_ms_max;
  return give(value, ms == kForEver ? kForEver : ms / 1000);
}
int set_maxrt(Socket& s, Core& core, const void* value) {
  const DWORD seconds = number(value);
  if (seconds != kForEver && seconds > kSecondsMax) return WSAEINVAL;
  s.options().retransmit_ms_max = seconds == kForEver ? kForEver : seconds * 1000;
  s.apply_options(core);
  return 0;
}

// Of this connection; before there is one, what one to anywhere may use.
int get_segment_bytes(Socket& s, Core& core, void* value) {
  constexpr DWORD kAnywhere = 536;  // RFC 9293 3.7.1
  if (s.stream() == nullptr) return give(value, kAnywhere);
  TcpInfo info;
  s.stream()->transport()->fill_info(core.now(), info);
  return give(value, info.smss);
}

int get_fail_on_icmp(Socket&, Core&, void* value) {
  return give(value, 1);  // a port or protocol that is unreachable ends an attempt at once
}

constexpr OptionRow kTcpRows[] = {
    seconds<&O::keepalive_idle_ms, kIdleSeconds>(TCP_KEEPIDLE),  // TCP_KEEPALIVE is its old name
    seconds<&O::keepalive_interval_ms, kIntervalSeconds>(TCP_KEEPINTVL),
    {IPPROTO_TCP, TCP_KEEPCNT, kStream, OptionShape::kNumber, kNumberBytes, get_probes,
     set_within<&O::keepalive_probes, 1, 255>},
    {IPPROTO_TCP, TCP_MAXRT, kStream, OptionShape::kNumber, kNumberBytes, get_maxrt, set_maxrt},
    {IPPROTO_TCP, TCP_MAXRTMS, kStream, OptionShape::kNumber, kNumberBytes,
     get_kept<&O::retransmit_ms_max>, set_number<&O::retransmit_ms_max>},
    {IPPROTO_TCP, TCP_MAXSEG, kStream, OptionShape::kNumber, kNumberBytes, get_segment_bytes,
     nullptr},
    flag<&O::is_syn_once>(IPPROTO_TCP, TCP_NOSYNRETRIES, kStream),
    within<&O::offload, 0, TCP_OFFLOAD_PREFERRED>(IPPROTO_TCP, TCP_OFFLOAD_PREFERENCE, kStream),
    bit<KeptFlag::kExpedited1122>(IPPROTO_TCP, TCP_EXPEDITED_1122, kStream),
    bit<KeptFlag::kBsdUrgent>(IPPROTO_TCP, TCP_BSDURGENT, kStream),
    bit<KeptFlag::kTimestamps>(IPPROTO_TCP, TCP_TIMESTAMPS, kStream),
    bit<KeptFlag::kDelayFinAck>(IPPROTO_TCP, TCP_DELAY_FIN_ACK, kStream),
    bit<KeptFlag::kFastOpen>(IPPROTO_TCP, TCP_FASTOPEN, kStream),
    {IPPROTO_TCP, TCP_FAIL_CONNECT_ON_ICMP_ERROR, kStream, OptionShape::kFlag, kFlagBytes,
     get_fail_on_icmp, set_bit<KeptFlag::kFailOnIcmpError>},
};

}  // namespace

std::span<const OptionRow> tcp_option_rows() {
  return kTcpRows;
}

}  // namespace oriel::winsock
