#include "settings/line_edit.h"

#include <algorithm>

#include "settings/toml_entries.h"

namespace oriel::settings {
namespace {

using Path = std::vector<std::string>;
using Entries = std::vector<TomlEntry>;

const TomlEntry* find_entry(const Entries& entries, const Path& path) {
  for (const TomlEntry& e : entries) {
    if (e.path == path) return &e;
  }
  return nullptr;
}

bool are_neighbours(const Path& a, const Path& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end() - 1, b.begin());
}

const TomlEntry* last_neighbour(const Entries& entries, const Path& path) {
  const TomlEntry* last = nullptr;
  for (const TomlEntry& e : entries) {
    if (are_neighbours(e.path, path) && e.kind != TomlEntry::Kind::kEmptyTable) last = &e;
  }
  return last;
}

std::size_t line_begin(std::string_view text, std::size_t at) {
  const std::size_t newline = at == 0 ? text.npos : text.rfind('\n', at - 1);
  return newline == text.npos ? 0 : newline + 1;
}

/// Behind the line's end.
std::size_t next_line(std::string_view text, std::size_t at) {
  const std::size_t newline = text.find('\n', at);
  return newline == text.npos ? text.size() : newline + 1;
}

std::string_view line_end(std::string_view text) {
  return text.find("\r\n") == text.npos ? "\n" : "\r\n";
}

void insert_line(std::string& text, std::size_t at, const std::string& line) {
  const std::string end(line_end(text));
  const bool is_line_open = at > 0 && text[at - 1] != '\n';
  text.insert(at, (is_line_open ? end : "") + line + end);
}

void append_table(std::string& text, const Path& path, const std::string& line) {
  const Path table(path.begin(), path.end() - 1);
  if (!text.empty()) insert_line(text, text.size(), "");
  insert_line(text, text.size(), "[" + dotted(table) + "]");
  insert_line(text, text.size(), line);
}

/// The same entries but for `path`.
bool is_rest_equal(const Entries& before, const Entries& after, const Path& path) {
  const auto is_kept = [&](const TomlEntry& e, const Entries& in) {
    if (e.path == path || e.kind == TomlEntry::Kind::kEmptyTable) return true;
    const TomlEntry* other = find_entry(in, e.path);
    return other != nullptr && other->kind == e.kind && other->text == e.text;
  };
  const auto are_kept = [&](const Entries& those, const Entries& in) {
    return std::all_of(those.begin(), those.end(), [&](const auto& e) { return is_kept(e, in); });
  };
  return are_kept(before, after) && are_kept(after, before);
}

Failure refuse(const Path& path, const std::string& file) {
  return fail(ErrorCode::kInvalidArgument,
              file + ": " + dotted(path) +
                  " shares its line with others, so that it cannot change alone: edit the file "
                  "by hand");
}

}  // namespace

Result<std::string> with_value(std::string_view text, const std::string& file, const Path& path,
                               const std::string& value) {
  const auto before = read_toml(text, file);
  if (!before) return Failure(before.error());
  std::string edited(text);
  const std::string line = dotted({path.back()}) + " = " + value;
  if (const TomlEntry* own = find_entry(*before, path)) {
    edited.replace(own->value_begin, own->value_end - own->value_begin, value);
  } else if (const TomlEntry* neighbour = last_neighbour(*before, path)) {
    const std::size_t begin = line_begin(text, neighbour->key_begin);
    const std::string lead(text.substr(begin, neighbour->key_begin - begin));
    insert_line(edited, next_line(text, neighbour->value_end), lead + line);
  } else if (const TomlEntry* table = find_entry(*before, Path(path.begin(), path.end() - 1))) {
    insert_line(edited, next_line(text, table->key_begin), line);
  } else {
    append_table(edited, path, line);
  }
  const auto after = read_toml(edited, file);
  if (!after || find_entry(*after, path) == nullptr || !is_rest_equal(*before, *after, path)) {
    return refuse(path, file);
  }
  return edited;
}

Result<std::string> without_value(std::string_view text, const std::string& file,
                                  const Path& path) {
  const auto before = read_toml(text, file);
  if (!before) return Failure(before.error());
  const TomlEntry* own = find_entry(*before, path);
  std::string edited(text);
  if (own == nullptr) return edited;
  const std::size_t begin = line_begin(text, own->key_begin);
  edited.erase(begin, next_line(text, own->value_end) - begin);
  const auto after = read_toml(edited, file);
  if (!after || find_entry(*after, path) != nullptr || !is_rest_equal(*before, *after, path)) {
    return refuse(path, file);
  }
  return edited;
}

}  // namespace oriel::settings
