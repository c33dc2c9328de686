// What a process says of its connections when another asks, as lines of words, and back.
//
//   tcp 127.0.0.1:8080 127.0.0.1:65530 ESTABLISHED ordinary - 65536 65536 120 4096 0
//   protocol local remote state path reason window isb rtt_us bytes_in bytes_out
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "oriel/stat.h"
#include "oriel/trace.h"

namespace oriel::stack {

std::string stat_line(const TcpInfo& info);
/// A listener (`protocol` "tcp") or a UDP socket.
std::string stat_line_of_port(std::string_view protocol, const Endpoint& local,
                              std::string_view reason = "-");
/// nullopt: those are not the words of a line.
std::optional<ConnectionReport> read_stat_line(std::string_view line);
/// Messages of a few hundred lines each.
std::vector<std::string> join_lines(const std::vector<std::string>& lines);

}  // namespace oriel::stack
