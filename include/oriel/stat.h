// What the processes of this user that run on Oriel are connected to, asked from outside.
//
// Each process answers for itself, from its own counters; one that does not answer in time is named
// and left out. Only processes of the same user and the same ORIEL_HOST are seen.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "oriel/address.h"
#include "oriel/error.h"
#include "oriel/export.h"
#include "oriel/time.h"

namespace oriel {

/// One connection, listener or UDP socket.
struct ConnectionReport {
  std::string protocol;  ///< "tcp", "udp"
  Endpoint local;
  Endpoint remote;     ///< port 0: it has no peer
  std::string state;   ///< "ESTABLISHED", "LISTEN", ... ; "open" for UDP
  std::string path;    ///< "network", "ordinary" or "fast" (loopback), "host" (the kernel's)
  std::string reason;  ///< why it takes that path; "-": nothing else was asked for
  std::uint64_t window_bytes = 0;        ///< receive window that the peer was told last
  std::uint64_t ideal_send_backlog = 0;  ///< bytes
  std::uint64_t round_trip_us = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
};

/// One process, as the asker knows it and as it says of itself.
struct ProcessReport {
  int pid = 0;
  std::string program;        ///< its name, as the system has it
  bool is_answering = false;  ///< else `connections` is not known
  std::vector<ConnectionReport> connections;
};

/// Every process of `domain` (ORIEL_HOST's word), by pid. Waits at most `limit` for all of them.
/// Errors: kInvalidArgument (the word). Thread: any.
ORIEL_API Result<std::vector<ProcessReport>> ask_processes(std::string_view domain, Duration limit);

}  // namespace oriel
