// What the environment and its file say about the process's stack, as values.
//
// Words in, values out; nothing is opened or looked up. A variable that is set goes before the
// file, the file before the default; `oriel run` turns its options into variables, so they go
// before all. An empty variable counts as not set.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "oriel/link.h"
#include "oriel/process.h"

namespace oriel::stack {

struct ProcessConfig {
  std::string link = "user";      ///< user, tun:NAME, tap:NAME, unix:PATH
  std::vector<Prefix> addresses;  ///< user: 10.0.2.15/24 and fec0::15/64
  std::optional<IpAddress> gateway_v4;
  std::optional<IpAddress> gateway_v6;
  std::vector<IpAddress> dns;  ///< name servers, best first; may be empty
  std::vector<PublishedPort> publish;
  std::uint64_t link_bits_per_second = 0;  ///< 0: not said
  std::string pcap;                        ///< capture of the link and the loopback; empty: none
  std::string host = "default";  ///< the loopback domain; "none": loopback ends at the process
  /// How long the end of the process waits for bytes of closed sockets to be acknowledged.
  Duration end_wait = std::chrono::seconds(5);
};

inline constexpr Duration kEndWaitMax = std::chrono::minutes(10);

/// The keys that a file may have, in the order in which people are shown them.
std::vector<std::string_view> config_keys();

/// The words of a TOML text by key, lists joined with commas. `name` is for the sentences of
/// errors.
Result<Environment> read_config_text(std::string_view text, const std::string& name);

/// `file`: what read_config_text gave, or empty; `file_name` is for sentences.
Result<ProcessConfig> parse_process_config(const Environment& environment, const Environment& file,
                                           const std::string& file_name);

/// The same with the file that ORIEL_CONFIG names.
Result<ProcessConfig> read_process_config(const Environment& environment);

}  // namespace oriel::stack
