#include "settings/value.h"

#include <array>
#include <charconv>
#include <limits>

#include "settings/toml_entries.h"

namespace oriel::settings {
namespace {

struct Unit {
  std::string_view name;
  Value ns;
};
constexpr std::array<Unit, 6> kUnits = {{{"h", 3'600'000'000'000},
                                         {"min", 60'000'000'000},
                                         {"s", 1'000'000'000},
                                         {"ms", 1'000'000},
                                         {"us", 1'000},
                                         {"ns", 1}}};

std::string print_duration(Value ns) {
  if (ns == 0) return "0ms";
  for (const Unit& unit : kUnits) {
    if (ns % unit.ns == 0) return std::to_string(ns / unit.ns) + std::string(unit.name);
  }
  return std::to_string(ns) + "ns";  // not reached: 1 divides everything
}

std::optional<Value> parse_duration(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = parse_whole(text.substr(0, digits));
  if (!number) return std::nullopt;
  for (const Unit& unit : kUnits) {
    if (text.substr(digits) != unit.name) continue;
    if (*number > std::numeric_limits<Value>::max() / unit.ns) return std::nullopt;
    return *number * unit.ns;
  }
  return std::nullopt;
}

std::optional<Value> parse_word(std::span<const std::string_view> words, std::string_view text) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == text) return static_cast<Value>(i);
  }
  return std::nullopt;
}

std::optional<Value> parse_of_kind(const Row& row, std::string_view text) {
  switch (row.kind) {
    case Kind::kBool:
      if (text == "true") return 1;
      if (text == "false") return 0;
      return std::nullopt;
    case Kind::kNumber:
      return parse_whole(text);
    case Kind::kDuration:
      return parse_duration(text);
    case Kind::kWord:
      return parse_word(row.words, text);
  }
  return std::nullopt;
}

std::string_view noun(Kind kind) {
  switch (kind) {
    case Kind::kBool:
      return "neither true nor false";
    case Kind::kNumber:
      return "not such a number";
    case Kind::kDuration:
      return "not such a time";
    case Kind::kWord:
      return "not one of its words";
  }
  return "wrong";
}

}  // namespace

std::optional<Value> parse_whole(std::string_view text) {
  const bool is_hex = text.starts_with("0x") || text.starts_with("0X");
  if (is_hex) text.remove_prefix(2);
  Value value = 0;
  const char* const end = text.data() + text.size();
  if (text.empty() || text.front() == '-') return std::nullopt;
  const auto r = std::from_chars(text.data(), end, value, is_hex ? 16 : 10);
  if (r.ec != std::errc() || r.ptr != end) return std::nullopt;
  return value;
}

bool is_in(const Range& range, Value value) {
  return range.low <= value && value <= range.high;
}

Range range_of(const Row& row) {
  if (row.kind == Kind::kWord) return {0, static_cast<Value>(row.words.size()) - 1};
  return row.range;
}

std::string allowed(const Row& row) {
  const auto ends = [&](const char* behind) {
    return "write " + print_value(row, row.range.low) + " to " + print_value(row, row.range.high) +
           behind + std::string(row.unit);
  };
  switch (row.kind) {
    case Kind::kBool:
      return "write true or false";
    case Kind::kNumber:
      return ends(row.unit.empty() ? "" : " ");
    case Kind::kDuration:
      return ends(", with its unit (ms, s, min, h)");
    case Kind::kWord:
      break;
  }
  std::string all = "write one of ";
  for (const std::string_view word : row.words) {
    if (word != row.words.front()) all += ", ";
    all += word;
  }
  return all;
}

Result<Value> parse_value(const Row& row, std::string_view text) {
  const auto value = parse_of_kind(row, text);
  if (value && is_in(range_of(row), *value)) return *value;
  return fail(ErrorCode::kInvalidArgument, "'" + std::string(text) + "' is " +
                                               std::string(noun(row.kind)) + ": " + allowed(row));
}

std::string print_value(const Row& row, Value value) {
  switch (row.kind) {
    case Kind::kBool:
      return value != 0 ? "true" : "false";
    case Kind::kNumber:
      return std::to_string(value);
    case Kind::kDuration:
      return print_duration(value);
    case Kind::kWord:
      break;
  }
  return is_in(range_of(row), value) ? std::string(row.words[static_cast<std::size_t>(value)])
                                     : std::to_string(value);
}

std::string toml_value(const Row& row, Value value) {
  const std::string text = print_value(row, value);
  return row.kind == Kind::kDuration || row.kind == Kind::kWord ? toml_quoted(text) : text;
}

}  // namespace oriel::settings
