// What a connection says of itself and how its first segment is repeated: SIO_TCP_INFO versions 0
// to 2 and SIO_TCP_INITIAL_RTO.
//
// Fields that nothing counts are 0: the times and bytes that a sender spent limited by window,
// congestion or itself, reordered bytes, ECN. Counters wider than a field stop at its end.
#include <mstcpip.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>

#include "winsock/ioctl_table.h"
#include "winsock/sockaddr.h"

namespace oriel::winsock {
namespace {

using stack::Core;

constexpr DWORD kInfoBytes[] = {sizeof(TCP_INFO_v0), sizeof(TCP_INFO_v1), sizeof(TCP_INFO_v2)};
static_assert(sizeof(TCP_INFO_v0) == 88 && sizeof(TCP_INFO_v1) == 136 &&
              sizeof(TCP_INFO_v2) == 152);
static_assert(offsetof(TCP_INFO_v2, SndLimTransRwin) == sizeof(TCP_INFO_v0));

template <class To, class From>
To capped(From value) {
  return static_cast<To>(std::min<std::uint64_t>(value, std::numeric_limits<To>::max()));
}

ULONG microseconds(Duration d) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(d).count();
  return capped<ULONG>(static_cast<std::uint64_t>(std::max<std::int64_t>(0, us)));
}

// Version 2 begins with the others.
TCP_INFO_v2 shown(const TcpInfo& info) {
  TCP_INFO_v2 out{};
  out.State = static_cast<TCPSTATE>(info.state);  // both in the order of RFC 9293
  out.Mss = info.smss;
  out.ConnectionTimeMs =
      static_cast<ULONG64>(std::chrono::duration_cast<std::chrono::milliseconds>(info.age).count());
  out.TimestampsEnabled = info.has_timestamps ? TRUE : FALSE;
  out.RttUs = microseconds(info.srtt);
  out.MinRttUs = microseconds(info.rtt_min);
  out.BytesInFlight = info.flight_size;
  out.Cwnd = info.cwnd;
  out.SndWnd = info.snd_wnd;
  out.RcvWnd = info.rcv_wnd;
  out.RcvBuf = info.rcv_buf;
  out.BytesOut = info.bytes_out;
  out.BytesIn = info.bytes_in;
  out.BytesRetrans = capped<ULONG>(info.bytes_retransmitted);
  out.FastRetrans = info.fast_retransmit_episodes;
  out.DupAcksIn = info.dup_acks_in;
  out.TimeoutEpisodes = info.timeouts;
  out.SynRetrans = capped<UCHAR>(info.syn_retransmits);
  out.OutOfOrderPktsIn = capped<ULONG>(info.segments_out_of_order);
  out.PtoEpisodes = info.tail_loss_probes;
  return out;
}
static_assert(int{TCPSTATE_TIME_WAIT} == int{static_cast<int>(TcpState::kTimeWait)});

int give_info(Socket& s, Core& core, const IoctlCall& call, DWORD& returned) {
  if (is_bad_pointer(call.in) || call.in_bytes != sizeof(DWORD)) return WSAEMSGSIZE;
  DWORD version;
  std::memcpy(&version, call.in, sizeof version);
  if (version >= std::size(kInfoBytes)) return WSAEINVAL;
  const DWORD bytes = kInfoBytes[version];
  if (is_bad_pointer(call.out) || call.out_bytes < bytes) return WSAEINVAL;
  TcpInfo info;
  if (s.listener() != nullptr) info.state = TcpState::kListen;
  if (s.stream() != nullptr) s.stream()->transport()->fill_info(core.now(), info);
  const TCP_INFO_v2 all = shown(info);
  std::memcpy(call.out, &all, bytes);
  returned = bytes;
  return 0;
}

// The first round-trip time is the host's; how often a SYN is repeated is the socket's.
int set_initial_rto(Socket& s, Core&, const IoctlCall& call, DWORD&) {
  TCP_INITIAL_RTO_PARAMETERS asked;
  std::memcpy(&asked, call.in, sizeof asked);
  if (s.stream() != nullptr || s.listener() != nullptr) return WSAEINVAL;
  SocketOptions& o = s.options();
  const UCHAR repeats = asked.MaxSynRetransmissions;
  if (repeats == TCP_INITIAL_RTO_UNSPECIFIED_MAX_SYN_RETRANSMISSIONS) return 0;
  o.is_syn_once = repeats == TCP_INITIAL_RTO_NO_SYN_RETRANSMISSIONS;
  o.syn_repeats = o.is_syn_once ? UCHAR{0} : repeats;
  return 0;
}

constexpr IoctlRow kTcpIoctlRows[] = {
    {SIO_TCP_INFO, OptionFor::kStream, 0, 0, WSAEINVAL, give_info},
    {SIO_TCP_INITIAL_RTO, OptionFor::kStream, sizeof(TCP_INITIAL_RTO_PARAMETERS), 0, WSAEFAULT,
     set_initial_rto},
};

}  // namespace

std::span<const IoctlRow> tcp_ioctl_rows() {
  return kTcpIoctlRows;
}

}  // namespace oriel::winsock
