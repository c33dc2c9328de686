// What people write for rates, sizes, times, shares and places, as numbers.
//
// Every error is one sentence that repeats the word and lists what is allowed. Nothing is guessed:
// a time without a unit is an error. Units are case-insensitive; "kb" is 1,000 bytes and "kib"
// 1,024.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "oriel/address.h"
#include "oriel/error.h"
#include "oriel/time.h"

namespace oriel::cli {

/// "1gbit", "10mbit", "500kbit", "9600bit": bits per second, more than 0.
Result<std::uint64_t> parse_rate(std::string_view text);
/// "1500", "1500b", "64kib", "6mb", "1gib": bytes.
Result<std::uint64_t> parse_size(std::string_view text);
/// "100ms", "1.5s", "50us", "800ns", "2min", "0"; not negative.
Result<Duration> parse_time(std::string_view text);
/// A length of a run: "10" is seconds, or as parse_time.
Result<Duration> parse_length(std::string_view text);
/// "0.1%" or "0.001": a probability, 0 to 1.
Result<double> parse_share(std::string_view text);
/// "80": 1 to 65535.
Result<std::uint16_t> parse_port(std::string_view text);
/// "10.0.0.2/24" or "10.0.0.2/24,fd00::2/64".
Result<std::vector<Prefix>> parse_prefixes(std::string_view text);
/// "10.0.0.1" or "10.0.0.1,fd00::1".
Result<std::vector<IpAddress>> parse_addresses(std::string_view text);
/// "a,b,c" into its words; empty words are dropped.
std::vector<std::string> split_list(std::string_view text);

std::string format_rate(double bits_per_second);  ///< "941.5 Mbit/s"
std::string format_bytes(double bytes);           ///< "16.0 MiB"
std::string format_count(std::uint64_t count);    ///< "16,776,960"
std::string format_time(Duration time);           ///< "12.3 ms"

}  // namespace oriel::cli
