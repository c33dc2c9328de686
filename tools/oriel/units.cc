// One scanner for "number unit", tables of units beside it.
#include "units.h"

#include <fmt/format.h>

#include <cctype>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <span>

namespace oriel::cli {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr Unit kRateUnits[] = {
    {"bit", 1}, {"kbit", 1e3}, {"mbit", 1e6}, {"gbit", 1e9}, {"tbit", 1e12}};
constexpr Unit kSizeUnits[] = {{"", 1},     {"b", 1},      {"kb", 1e3},       {"mb", 1e6},
                               {"gb", 1e9}, {"kib", 1024}, {"mib", 1048576.}, {"gib", 1073741824.}};
constexpr Unit kTimeUnits[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"min", 60e9}};

constexpr double kRateMax = 1e15;  // a petabit per second; products with packet sizes still fit
constexpr double kSizeMax = 1e15;
constexpr double kTimeMaxNs = 3.15e16;  // a year
constexpr std::size_t kNumberCharactersMax = 40;

struct Quantity {
  double number;
  std::string unit;
};

// "1.5ms" into 1.5 and "ms"; nullopt: does not start with a plain decimal number.
std::optional<Quantity> scan(std::string_view text) {
  std::size_t n = 0;
  while (n < text.size() && (std::isdigit(static_cast<unsigned char>(text[n])) || text[n] == '.'))
    ++n;
  if (n == 0 || n > kNumberCharactersMax) return std::nullopt;
  const std::string digits(text.substr(0, n));
  char* end = nullptr;
  const double number = std::strtod(digits.c_str(), &end);
  if (*end != '\0' || !std::isfinite(number)) return std::nullopt;
  Quantity q{number, {}};
  for (char c : text.substr(n)) {
    q.unit += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return q;
}

std::optional<double> in_units(std::string_view text, std::span<const Unit> units) {
  const auto q = scan(text);
  if (!q) return std::nullopt;
  for (const Unit& u : units) {
    if (q->unit == u.name) return q->number * u.factor;
  }
  return std::nullopt;
}

Failure bad(std::string_view text, std::string_view why) {
  return fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is not {}", text, why));
}

}  // namespace

Result<std::uint64_t> parse_rate(std::string_view text) {
  const auto rate = in_units(text, kRateUnits);
  if (!rate || *rate > kRateMax) {
    return bad(text,
               "a rate: write a number and bit, kbit, mbit or gbit (per second), as in 10mbit");
  }
  if (*rate < 1)
    return bad(text, "a rate that moves anything: it must be at least 1bit (per second)");
  return static_cast<std::uint64_t>(std::llround(*rate));
}

Result<std::uint64_t> parse_size(std::string_view text) {
  const auto size = in_units(text, kSizeUnits);
  if (!size || *size > kSizeMax) {
    return bad(
        text,
        "a size: write bytes as a number alone or with b, kb, mb, gb, kib, mib or gib, as in 6mb");
  }
  return static_cast<std::uint64_t>(std::llround(*size));
}

Result<Duration> parse_time(std::string_view text) {
  if (text == "0") return Duration(0);
  const auto time = in_units(text, kTimeUnits);
  if (!time || *time > kTimeMaxNs) {
    return bad(text, "a time: write a number and ns, us, ms, s or min, as in 100ms");
  }
  return Duration(std::llround(*time));
}

Result<Duration> parse_length(std::string_view text) {
  const auto time = parse_time(text);
  if (time) return *time;
  const auto bare = parse_time(std::string(text) + "s");
  if (bare) return *bare;
  return fail(
      ErrorCode::kInvalidArgument,
      fmt::format("'{}' is not a length: write seconds, as in 10, or a time, as in 500ms", text));
}

Result<double> parse_share(std::string_view text) {
  const auto q = scan(text);
  if (q && (q->unit.empty() || q->unit == "%")) {
    const double share = q->unit.empty() ? q->number : q->number / 100;
    if (share <= 1) return share;
  }
  return bad(text, "a share: write a percentage up to 100%, as in 0.1%, or a number from 0 to 1");
}

Result<std::uint16_t> parse_port(std::string_view text) {
  const auto q = scan(text);
  if (!q || !q->unit.empty() || q->number < 1 || q->number > 65535 ||
      q->number != std::floor(q->number)) {
    return bad(text, "a port: write a whole number from 1 to 65535");
  }
  return static_cast<std::uint16_t>(q->number);
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (comma > 0) words.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return words;
}

Result<std::vector<Prefix>> parse_prefixes(std::string_view text) {
  std::vector<Prefix> out;
  for (const std::string& word : split_list(text)) {
    const auto prefix = Prefix::parse(word);
    if (!prefix || word.find('/') == std::string::npos) {
      return bad(
          word,
          "an address with its network: write 10.0.0.2/24 or fd00::2/64, several with commas");
    }
    out.push_back(*prefix);
  }
  if (out.empty()) return bad(text, "an address with its network: write 10.0.0.2/24 or fd00::2/64");
  return out;
}

Result<std::vector<IpAddress>> parse_addresses(std::string_view text) {
  std::vector<IpAddress> out;
  for (const std::string& word : split_list(text)) {
    const auto address = IpAddress::parse(word);
    if (!address)
      return bad(word, "an address: write 10.0.0.1 or fd00::1 (names are not looked up)");
    out.push_back(*address);
  }
  if (out.empty())
    return bad(text, "an address: write 10.0.0.1 or fd00::1 (names are not looked up)");
  return out;
}

std::string format_rate(double bps) {
  if (bps >= 1e9) return fmt::format("{:.2f} Gbit/s", bps / 1e9);
  if (bps >= 1e6) return fmt::format("{:.2f} Mbit/s", bps / 1e6);
  if (bps >= 1e3) return fmt::format("{:.2f} kbit/s", bps / 1e3);
  return fmt::format("{:.0f} bit/s", bps);
}

std::string format_bytes(double bytes) {
  if (bytes >= 1073741824.) return fmt::format("{:.2f} GiB", bytes / 1073741824.);
  if (bytes >= 1048576.) return fmt::format("{:.2f} MiB", bytes / 1048576.);
  if (bytes >= 1024.) return fmt::format("{:.1f} KiB", bytes / 1024.);
  return fmt::format("{:.0f} B", bytes);
}

std::string format_count(std::uint64_t count) {
  std::string out = fmt::format("{}", count);
  for (std::size_t at = out.size(); at > 3;) out.insert(at -= 3, 1, ',');
  return out;
}

std::string format_time(Duration time) {
  const auto ns = static_cast<double>(time.count());
  if (ns >= 1e9) return fmt::format("{:.2f} s", ns / 1e9);
  if (ns >= 1e6) return fmt::format("{:.1f} ms", ns / 1e6);
  if (ns >= 1e3) return fmt::format("{:.1f} us", ns / 1e3);
  return fmt::format("{:.0f} ns", ns);
}

}  // namespace oriel::cli
