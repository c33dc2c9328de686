// Words separated by spaces. Who reads them checks them: they come from another process.
#include "stack/stat_lines.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "loopback/kernel_stream.h"

namespace oriel::stack {
namespace {

constexpr std::size_t kMessageBytesMax = 32u << 10;
constexpr std::size_t kWordBytesMax = 128;

/// The next word, taken off `text`.
std::string_view next_word(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

bool read_number(std::string_view& text, std::uint64_t& value) {
  const std::string_view word = next_word(text);
  const auto r = std::from_chars(word.data(), word.data() + word.size(), value);
  return r.ec == std::errc() && r.ptr == word.data() + word.size() && !word.empty();
}

bool read_endpoint(std::string_view& text, Endpoint& value) {
  const std::string_view word = next_word(text);
  if (word == "-") {
    value = {};
    return true;
  }
  const auto parsed = Endpoint::parse(word);
  if (parsed) value = *parsed;
  return parsed.has_value();
}

bool is_plain(std::string_view word) {
  if (word.empty() || word.size() > kWordBytesMax) return false;
  for (const char c : word) {
    if (c <= ' ' || c > '~') return false;
  }
  return true;
}

bool read_word(std::string_view& text, std::string& value) {
  const std::string_view word = next_word(text);
  value = word;
  return is_plain(word);
}

std::string_view word_of(ConnectionPath path) {
  switch (path) {
    case ConnectionPath::kNetwork:
      return "network";
    case ConnectionPath::kLoopback:
      return "ordinary";
    case ConnectionPath::kFast:
      return "fast";
  }
  return "-";
}

void add(std::string& line, std::string_view word) {
  if (!line.empty()) line += ' ';
  for (const char c : word) line += c == ' ' ? '_' : c;  // one word each
}

}  // namespace

std::string stat_line(const TcpInfo& info) {
  using std::chrono::duration_cast;
  using std::chrono::microseconds;
  std::string line;
  add(line, "tcp");
  add(line, info.local.to_string());
  add(line, info.remote.to_string());
  add(line, to_string(info.state));
  // The kernel's connections are told by whose congestion control they have.
  const bool is_native = info.congestion_control == loopback::kKernelsOwn;
  add(line, is_native ? "host" : word_of(info.path));
  add(line, info.path == ConnectionPath::kNetwork || is_native ? "-" : to_string(info.path_reason));
  add(line, std::to_string(info.rcv_wnd));
  add(line, std::to_string(info.ideal_send_backlog));
  add(line, std::to_string(duration_cast<microseconds>(info.srtt).count()));
  add(line, std::to_string(info.bytes_in));
  add(line, std::to_string(info.bytes_out));
  return line;
}

std::string stat_line_of_port(std::string_view protocol, const Endpoint& local,
                              std::string_view reason) {
  std::string line;
  add(line, protocol);
  add(line, local.to_string());
  add(line, "-");
  add(line, protocol == "tcp" ? "LISTEN" : "open");
  add(line, "-");
  add(line, reason);
  line += " 0 0 0 0 0";
  return line;
}

std::optional<ConnectionReport> read_stat_line(std::string_view line) {
  ConnectionReport r;
  const bool is_good =
      read_word(line, r.protocol) && read_endpoint(line, r.local) &&
      read_endpoint(line, r.remote) && read_word(line, r.state) && read_word(line, r.path) &&
      read_word(line, r.reason) && read_number(line, r.window_bytes) &&
      read_number(line, r.ideal_send_backlog) && read_number(line, r.round_trip_us) &&
      read_number(line, r.bytes_in) && read_number(line, r.bytes_out);
  if (!is_good) return std::nullopt;
  std::replace(r.reason.begin(), r.reason.end(), '_', ' ');
  return r;
}

std::vector<std::string> join_lines(const std::vector<std::string>& lines) {
  std::vector<std::string> messages;
  for (const std::string& line : lines) {
    if (messages.empty() || messages.back().size() + line.size() >= kMessageBytesMax) {
      messages.emplace_back();
    }
    messages.back() += line;
    messages.back() += '\n';
  }
  messages.emplace_back("end\n");
  return messages;
}

}  // namespace oriel::stack
