#include "settings/toml_entries.h"

#include <algorithm>
#include <optional>
#include <sstream>

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

namespace oriel::settings {
namespace {

using Kind = TomlEntry::Kind;

/// Byte offsets of lines and columns; toml++ counts columns in characters, not in bytes.
class Places {
 public:
  explicit Places(std::string_view text) : text_(text) {
    lines_.push_back(0);
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') lines_.push_back(i + 1);
    }
  }
  std::size_t offset(const toml::source_position& at) const {
    if (at.line == 0 || at.line > lines_.size()) return text_.size();
    std::size_t i = lines_[at.line - 1];
    for (std::size_t column = 1; column < at.column && i < text_.size(); ++column) {
      do {
        ++i;
      } while (i < text_.size() && (static_cast<unsigned char>(text_[i]) & 0xc0) == 0x80);
    }
    return i;
  }

 private:
  std::string_view text_;
  std::vector<std::size_t> lines_;
};

std::optional<std::string> joined_texts(const toml::array& list) {
  std::string joined;
  for (const toml::node& item : list) {
    const auto text = item.value_exact<std::string>();
    if (!text) return std::nullopt;
    joined += (joined.empty() ? "" : ",") + *text;
  }
  return joined;
}

void fill_value(const toml::node& node, TomlEntry& entry) {
  if (const auto text = node.value_exact<std::string>()) {
    entry.kind = Kind::kText;
    entry.text = *text;
  } else if (const auto whole = node.value_exact<std::int64_t>()) {
    entry.kind = Kind::kWhole;
    entry.text = std::to_string(*whole);
  } else if (const auto truth = node.value_exact<bool>()) {
    entry.kind = Kind::kBool;
    entry.text = *truth ? "true" : "false";
  } else if (const toml::array* list = node.as_array()) {
    const auto texts = joined_texts(*list);
    if (!texts) return;
    entry.kind = Kind::kTexts;
    entry.text = *texts;
  }
}

struct OpenTable {
  const toml::table* table;
  std::vector<std::string> path;
};

TomlEntry entry_of(const toml::key& key, const toml::node& node, const Places& places) {
  TomlEntry entry;
  entry.line = key.source().begin.line;
  entry.key_begin = places.offset(key.source().begin);
  entry.value_begin = places.offset(node.source().begin);
  entry.value_end = places.offset(node.source().end);
  if (node.is_table()) {
    entry.kind = Kind::kEmptyTable;
  } else {
    fill_value(node, entry);
  }
  return entry;
}

std::vector<TomlEntry> collect(const toml::table& whole, const Places& places) {
  std::vector<TomlEntry> entries;
  std::vector<OpenTable> todo = {{&whole, {}}};
  while (!todo.empty()) {
    const OpenTable at = std::move(todo.back());
    todo.pop_back();
    for (const auto& [key, node] : *at.table) {
      std::vector<std::string> path = at.path;
      path.emplace_back(key.str());
      const toml::table* inner = node.as_table();
      if (inner != nullptr && !inner->empty()) {
        todo.push_back({inner, std::move(path)});
      } else {
        entries.push_back(entry_of(key, node, places));
        entries.back().path = std::move(path);
      }
    }
  }
  std::sort(entries.begin(), entries.end(),
            [](const TomlEntry& a, const TomlEntry& b) { return a.key_begin < b.key_begin; });
  return entries;
}

bool is_bare(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

bool is_bare(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) { return is_bare(c); });
}

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

constexpr std::string_view kBehindBracket = "\"']";

/// May a table's name begin behind the bracket at `at`?
bool is_header(std::string_view text, std::size_t at) {
  const auto skip_blanks = [&] {
    while (at < text.size() && is_blank(text[at])) ++at;
  };
  ++at;
  skip_blanks();
  if (at < text.size() && text[at] == '[') ++at;
  skip_blanks();
  return at == text.size() || is_bare(text[at]) ||
         kBehindBracket.find(text[at]) != kBehindBracket.npos;
}

/// The line, from 1, of a bracket that begins a line and no table's name; 0: there is none. toml++
/// 3.3 takes for granted that there is none, so this looks before it does, in strings too.
std::size_t line_of_bad_header(std::string_view text) {
  std::size_t line = 1;
  bool is_begin = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '[' && is_begin && !is_header(text, i)) return line;
    if (c == '\n') ++line;
    const bool is_break = c == '\n' || c == '\r' || c == '\v' || c == '\f';
    const bool is_passed = is_blank(c) || static_cast<unsigned char>(c) >= 0x80;
    is_begin = is_break || (is_begin && is_passed);
  }
  return 0;
}

/// Where the text goes on behind the string that begins at `at`.
std::size_t behind_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const std::string_view triple = quote == '"' ? "\"\"\"" : "'''";
  const std::string_view end =
      text.substr(at, triple.size()) == triple ? triple : triple.substr(0, 1);
  for (at += end.size(); at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (text.substr(at, end.size()) == end) {
      return at + end.size();
    } else if (text[at] == '\n' && end.size() == 1) {
      return at;  // it has no end, which the parser tells
    }
  }
  return text.size();
}

/// The line, from 1, of a bracket that closes another kind than was opened last; 0: there is none.
/// toml++ 3.3 takes for granted that an array's next value does not begin with a closing brace.
std::size_t line_of_crossed_bracket(std::string_view text) {
  std::string open;
  std::size_t line = 1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '#') {
      i = std::min(text.find('\n', i), text.size() - 1);
    } else if (c == '"' || c == '\'') {
      const std::size_t end = behind_string(text, i);
      line += static_cast<std::size_t>(std::count(&text[i], text.data() + end, '\n'));
      i = end - 1;
      continue;
    } else if (c == '[' || c == '{') {
      open += c;
    } else if (c == ']' || c == '}') {
      if (open.empty() || open.back() != (c == ']' ? '[' : '{')) return line;
      open.pop_back();
    }
    if (text[i] == '\n') ++line;
  }
  return 0;
}

}  // namespace

Result<std::vector<TomlEntry>> read_toml(std::string_view text, const std::string& name) {
  if (text.size() > kTomlBytesMax) {
    return fail(ErrorCode::kInvalidArgument,
                "the file '" + name + "' is larger than 1 MiB, so it is another one");
  }
  if (const std::size_t line = line_of_bad_header(text); line != 0) {
    return fail(ErrorCode::kInvalidArgument,
                name + ", line " + std::to_string(line) +
                    ": a bracket at a line's beginning opens a table's name: write it as [tcp]");
  }
  if (const std::size_t line = line_of_crossed_bracket(text); line != 0) {
    return fail(ErrorCode::kInvalidArgument,
                name + ", line " + std::to_string(line) +
                    ": a bracket or brace closes here that was not opened last: write lists as [1, "
                    "2], tables as {a = 1}");
  }
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    std::ostringstream where;
    where << name << ", line " << parsed.error().source().begin.line << ": "
          << parsed.error().description();
    return fail(ErrorCode::kInvalidArgument, where.str());
  }
  return collect(parsed.table(), Places(text));
}

std::string place_of(const TomlEntry& entry, const std::string& name) {
  return name + ", line " + std::to_string(entry.line) + ": " + dotted(entry.path);
}

std::string dotted(const std::vector<std::string>& path) {
  std::string all;
  for (const std::string& key : path) {
    if (!all.empty()) all += '.';
    all += is_bare(key) ? key : toml_quoted(key);
  }
  return all;
}

std::string toml_quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace oriel::settings
