// The rows, and how the fields of HostSettings become values.
#include "settings/schema.h"

#include <array>
#include <type_traits>

namespace oriel::settings {
namespace {

using enum OsProfile;

constexpr Value kMs = 1'000'000;
constexpr Value kSecond = 1000 * kMs;
constexpr Value kDwordMax = 0xffffffff;
constexpr Value kWindowBytesMax = 0x3fffffff;  // REQ CM-11: 1,073,741,823

// --- fields of HostSettings as values

template <class T>
Value to_value(const T& field) {
  if constexpr (std::is_same_v<T, Duration>) {
    return field.count();
  } else {
    return static_cast<Value>(field);
  }
}

template <class T>
void from_value(T& field, Value value) {
  if constexpr (std::is_same_v<T, Duration>) {
    field = Duration(value);
  } else {
    field = static_cast<T>(value);
  }
}

template <class T>
void from_value(std::optional<T>& field, Value value) {
  field = static_cast<T>(value);
}

template <class T>
std::optional<Value> read_field(const T& field) {
  return to_value(field);
}

template <class T>
std::optional<Value> read_field(const std::optional<T>& field) {
  return field ? std::optional(to_value(*field)) : std::nullopt;
}

template <auto kField>
std::optional<Value> read_of(const HostSettings& from) {
  return read_field(from.*kField);
}

template <auto kField>
void write_of(HostSettings& to, Value value) {
  from_value(to.*kField, value);
}

template <auto kNumber>
Value number_of(const ProfileNumbers& numbers) {
  return to_value(numbers.*kNumber);
}

void write_interface_window(InterfaceSettings& to, Value value) {
  from_value(to.tcp_window_bytes, value);
}

// --- words, in the order of their enumerations

constexpr std::array<std::string_view, 9> kProfiles = {"2000", "xp", "2003", "vista", "vista_sp1",
                                                       "7",    "8",  "10",   "11"};
constexpr std::array<std::string_view, 5> kLevels = {"disabled", "highlyrestricted", "restricted",
                                                     "normal", "experimental"};
constexpr std::array<std::string_view, 2> kAlgorithms = {"cubic", "newreno"};

constexpr ProfileRange kBeforeVista = {k2000, k2003};
constexpr ProfileRange kSinceVista = {kVista, k11};

// --- the rows

constexpr Row kRows[] = {
    {.name = "oriel.profile",
     .about = "whose Windows' behaviour and defaults the stack has",
     .kind = Kind::kWord,
     .words = kProfiles,
     .simulated = {0, static_cast<Value>(k11)},
     .read = read_of<&HostSettings::profile>,
     .write = write_of<&HostSettings::profile>},

    // REQ CM-10
    {.name = "tcp.autotuning_level",
     .about = "how far the receive window may grow: no scaling, or scale 2, 4, 8, 14",
     .kind = Kind::kWord,
     .words = kLevels,
     .profiles = kSinceVista,
     .netsh = {NetshContext::kTcpGlobal, "autotuninglevel", "Receive Window Auto-Tuning Level"},
     .socket_calls = "SO_RCVBUF, SIO_SET_COMPATIBILITY_MODE",
     .simulated = {0, 4},
     .read = read_of<&HostSettings::autotuning_level>,
     .write = write_of<&HostSettings::autotuning_level>},
    // REQ CM-11
    {.name = "tcp.window_bytes",
     .about = "receive window, instead of the one that the link's speed gives",
     .kind = Kind::kNumber,
     .range = {1, kWindowBytesMax},
     .unit = "bytes",
     .profiles = kBeforeVista,
     .registry = {"TCPWindowSize"},
     .socket_calls = "SO_RCVBUF",
     .simulated = {2'000, 2'000'000},
     .read = read_of<&HostSettings::tcp_window_bytes>,
     .write = write_of<&HostSettings::tcp_window_bytes>,
     .write_interface = write_interface_window},
    {.name = "tcp.rfc1323_options",
     .about = "bit 0 (1) allows window scaling, bit 1 (2) timestamps",
     .kind = Kind::kNumber,
     .range = {0, 3},
     .profiles = kBeforeVista,
     .registry = {"Tcp1323Opts"},
     .simulated = {0, 3},
     .read = read_of<&HostSettings::rfc1323_options>,
     .write = write_of<&HostSettings::rfc1323_options>},
    {.name = "tcp.timestamps",
     .about = "offer and use timestamps",
     .netsh = {NetshContext::kTcpGlobal, "timestamps", "RFC 1323 Timestamps"},
     .simulated = {0, 1},
     .read = read_of<&HostSettings::is_timestamps>,
     .write = write_of<&HostSettings::is_timestamps>},
    {.name = "tcp.sack",
     .about = "offer and use selective acknowledgments",
     .registry = {"SackOpts"},
     .simulated = {0, 1},
     .read = read_of<&HostSettings::is_sack>,
     .write = write_of<&HostSettings::is_sack>},
    {.name = "tcp.congestion_algorithm",
     .about = "congestion control",
     .kind = Kind::kWord,
     .words = kAlgorithms,
     .netsh = {NetshContext::kTcpGlobal, "congestionprovider", "Congestion Control Provider"},
     .simulated = {0, 1},
     .of_profile = number_of<&ProfileNumbers::congestion>,
     .read = read_of<&HostSettings::congestion>,
     .write = write_of<&HostSettings::congestion>},
    {.name = "tcp.initial_window_segments",
     .about = "what may be sent before the first acknowledgment",
     .kind = Kind::kNumber,
     .range = {1, 64},
     .unit = "segments",
     .simulated = {1, 16},
     .of_profile = number_of<&ProfileNumbers::initial_window_segments>,
     .read = read_of<&HostSettings::initial_window_segments>,
     .write = write_of<&HostSettings::initial_window_segments>},
    {.name = "tcp.rto_initial",
     .about = "retransmission time-out before the round trip is known",
     .kind = Kind::kDuration,
     .range = {300 * kMs, 65'535 * kMs},
     .registry = {"TcpInitialRtt", kMs},
     .netsh = {NetshContext::kTcpGlobal, "initialrto", "Initial RTO"},
     .socket_calls = "SIO_TCP_INITIAL_RTO",
     .of_profile = number_of<&ProfileNumbers::rto_initial>,
     .read = read_of<&HostSettings::rto_initial>,
     .write = write_of<&HostSettings::rto_initial>},
    {.name = "tcp.rto_min",
     .about = "smallest retransmission time-out",
     .kind = Kind::kDuration,
     .range = {20 * kMs, 10 * kSecond},
     .simulated = {50 * kMs, 450 * kMs},
     .read = read_of<&HostSettings::rto_min>,
     .write = write_of<&HostSettings::rto_min>},
    {.name = "tcp.delayed_ack",
     .about = "how long an acknowledgment may wait for company",
     .kind = Kind::kDuration,
     .range = {0, 499 * kMs},  // RFC 1122 4.2.3.2: less than 500 ms
     .simulated = {0, 50 * kMs},
     .of_profile = number_of<&ProfileNumbers::delayed_ack>,
     .read = read_of<&HostSettings::delayed_ack>,
     .write = write_of<&HostSettings::delayed_ack>},
    {.name = "tcp.time_wait",
     .about = "how long a closed pair of ports rests",
     .kind = Kind::kDuration,
     .range = {1 * kSecond, 300 * kSecond},
     .registry = {"TcpTimedWaitDelay", kSecond},
     .simulated = {1 * kSecond, 10 * kSecond},
     .of_profile = number_of<&ProfileNumbers::time_wait>,
     .read = read_of<&HostSettings::time_wait>,
     .write = write_of<&HostSettings::time_wait>},
    {.name = "tcp.keepalive_idle",
     .about = "silence before the first keep-alive probe",
     .kind = Kind::kDuration,
     .range = {1 * kMs, kDwordMax* kMs},
     .registry = {"KeepAliveTime", kMs},
     .socket_calls = "SIO_KEEPALIVE_VALS, TCP_KEEPIDLE",
     .read = read_of<&HostSettings::keepalive_idle>,
     .write = write_of<&HostSettings::keepalive_idle>},
    {.name = "tcp.keepalive_interval",
     .about = "between keep-alive probes that nobody answers",
     .kind = Kind::kDuration,
     .range = {1 * kMs, kDwordMax* kMs},
     .registry = {"KeepAliveInterval", kMs},
     .socket_calls = "SIO_KEEPALIVE_VALS, TCP_KEEPINTVL",
     .read = read_of<&HostSettings::keepalive_interval>,
     .write = write_of<&HostSettings::keepalive_interval>},
    {.name = "tcp.syn_retransmits",
     .about = "SYNs after the first",
     .kind = Kind::kNumber,
     .range = {0, 255},
     .registry = {"TcpMaxConnectRetransmissions"},
     .netsh = {NetshContext::kTcpGlobal, "maxsynretransmissions", "Max SYN Retransmissions"},
     .socket_calls = "SIO_TCP_INITIAL_RTO",
     .of_profile = number_of<&ProfileNumbers::syn_retransmits>,
     .read = read_of<&HostSettings::syn_retransmits>,
     .write = write_of<&HostSettings::syn_retransmits>},
    {.name = "tcp.synack_retransmits",
     .about = "SYN-ACKs after the first",
     .kind = Kind::kNumber,
     .range = {0, 255},
     .registry = {"TcpMaxConnectResponseRetransmissions"},
     .read = read_of<&HostSettings::synack_retransmits>,
     .write = write_of<&HostSettings::synack_retransmits>},
    {.name = "tcp.data_retransmits",
     .about = "unanswered time-outs before a connection is given up",
     .kind = Kind::kNumber,
     .range = {1, 255},
     .registry = {"TcpMaxDataRetransmissions"},
     .of_profile = number_of<&ProfileNumbers::data_retransmits>,
     .read = read_of<&HostSettings::data_retransmits>,
     .write = write_of<&HostSettings::data_retransmits>},
    // REQ ISB-9
    {.name = "tcp.send_autotuning",
     .about = "dynamic send buffering",
     .profiles = {k7, k11},
     .netsh = {NetshContext::kWinsock, "autotuning", "Winsock send autotuning"},
     .socket_calls = "SO_SNDBUF, SIO_IDEAL_SEND_BACKLOG_QUERY",
     .simulated = {0, 1},
     .read = read_of<&HostSettings::is_send_autotuning>,
     .write = write_of<&HostSettings::is_send_autotuning>},
    {.name = "tcp.snd_buffer_bytes_max",
     .about = "one connection's unacknowledged bytes",
     .kind = Kind::kNumber,
     .range = {65'536, Value{1} << 40},
     .unit = "bytes",
     .read = read_of<&HostSettings::snd_buffer_bytes_max>,
     .write = write_of<&HostSettings::snd_buffer_bytes_max>},
    {.name = "tcp.syn_queue_max",
     .about = "half-open connections of one listener",
     .kind = Kind::kNumber,
     .range = {1, 1 << 20},
     .unit = "connections",
     .effect = Effect::kNewListeners,
     .read = read_of<&HostSettings::syn_queue_max>,
     .write = write_of<&HostSettings::syn_queue_max>},
    {.name = "tcp.connections_max",
     .about = "connections of the host",
     .kind = Kind::kNumber,
     .range = {1, 0xfffffe},
     .unit = "connections",
     .effect = Effect::kNextStart,
     .registry = {"TcpNumConnections"},
     .read = read_of<&HostSettings::connections_max>,
     .write = write_of<&HostSettings::connections_max>},
    {.name = "tcp.orphans_max",
     .about = "connections that no program holds any more",
     .kind = Kind::kNumber,
     .range = {1, 0xfffffe},
     .unit = "connections",
     .effect = Effect::kAtOnce,
     .read = read_of<&HostSettings::orphans_max>,
     .write = write_of<&HostSettings::orphans_max>},
    {.name = "ip.hop_limit",
     .about = "TTL or hop limit of packets",
     .kind = Kind::kNumber,
     .range = {1, 255},
     .effect = Effect::kAtOnce,
     .registry = {"DefaultTTL"},
     .socket_calls = "IP_TTL, IPV6_UNICAST_HOPS",
     .read = read_of<&HostSettings::hop_limit>,
     .write = write_of<&HostSettings::hop_limit>},
    {.name = "loopback.fast_path",
     .about = "sockets may ask for the loopback fast path",
     .profiles = {k8, k11},
     .socket_calls = "SIO_LOOPBACK_FAST_PATH",
     .read = read_of<&HostSettings::is_loopback_fast_path_allowed>,
     .write = write_of<&HostSettings::is_loopback_fast_path_allowed>},
    // REQ LFP-10
    {.name = "loopback.strict_options",
     .about = "on a socket that asked for the fast path, options that it does not support fail",
     .profiles = {k8, k11},
     .effect = Effect::kAtOnce,
     .read = read_of<&HostSettings::is_loopback_fast_path_strict>,
     .write = write_of<&HostSettings::is_loopback_fast_path_strict>},
    {.name = "loopback.native",
     .about = "native programs on 127.0.0.1 and ::1 reach ours, and ours reach them",
     .effect = Effect::kNextStart,
     .read = read_of<&HostSettings::is_native_loopback>,
     .write = write_of<&HostSettings::is_native_loopback>},
    {.name = "host.memory_bytes_max",
     .about = "payload that the whole host may hold",
     .kind = Kind::kNumber,
     .range = {1 << 20, Value{1} << 50},
     .unit = "bytes",
     .effect = Effect::kAtOnce,
     .read = read_of<&HostSettings::memory_bytes_max>,
     .write = write_of<&HostSettings::memory_bytes_max>},
};

}  // namespace

std::span<const Row> schema() {
  return kRows;
}

const Row* find_row(std::string_view name) {
  for (const Row& row : kRows) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

const Row& profile_row() {
  return kRows[0];
}

std::optional<Value> profile_value(const Row& row, OsProfile profile) {
  if (row.of_profile == nullptr) return std::nullopt;
  return row.of_profile(profile_numbers(profile));
}

bool has_effect(const Row& row, OsProfile profile) {
  return row.profiles.first <= profile && profile <= row.profiles.last;
}

}  // namespace oriel::settings
