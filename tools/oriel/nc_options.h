// What `oriel nc` was asked to do, and what it tells afterwards.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab_modes.h"

namespace oriel::cli {

struct NcOptions {
  std::string link = "tun:oriel0";
  std::vector<Prefix> addresses;
  std::vector<IpAddress> gateways;
  std::uint16_t listen_port = 0;  ///< 0: connect
  std::optional<Endpoint> remote;
  std::string send_file;  ///< empty: standard input, unless receiving to a file
  std::string receive_file;
  std::optional<LabMode> mode;  ///< of the host and its TCP socket; none: as settings say
  bool is_udp = false;
  bool has_info = false;
  bool is_json = false;
  Duration idle{0};  ///< UDP: end after this long without a datagram; 0: never
};

struct NcTotals {
  std::uint64_t sent_bytes = 0;
  std::uint64_t received_bytes = 0;
  double seconds = 0;
};

/// A host with the link, addresses and gateways of the options. Errors: a sentence.
Result<Host> open_nc_host(const NcOptions& options);

int run_nc_tcp(Host& host, const NcOptions& options);
int run_nc_udp(Host& host, const NcOptions& options);

/// The connection's statistics, as a table or as JSON.
std::string describe(const TcpInfo& info, const NcTotals& totals, bool is_json);

}  // namespace oriel::cli
