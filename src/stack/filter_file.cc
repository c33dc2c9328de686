// The file of rules: read as a whole, edited a table at a time, as lines.
#include "oriel/filter_file.h"

#include <algorithm>

#include "settings/locked_file.h"
#include "settings/toml_entries.h"

namespace oriel {
namespace {

using Filters = std::vector<std::pair<std::string, FilterWords>>;
using settings::TomlEntry;

bool is_word(const TomlEntry& entry) {
  return entry.kind == TomlEntry::Kind::kText || entry.kind == TomlEntry::Kind::kWhole ||
         entry.kind == TomlEntry::Kind::kBool || entry.kind == TomlEntry::Kind::kTexts;
}

FilterWords& words_of(Filters& all, const std::string& name) {
  for (auto& [known, words] : all) {
    if (known == name) return words;
  }
  return all.emplace_back(name, FilterWords()).second;
}

std::string block_of(const std::string& name, const FilterWords& words) {
  std::string text = "[" + name + "]\n";
  for (const std::string_view key : filter_keys()) {
    const auto found = words.find(key);
    if (found != words.end()) text += std::string(key) + " = \"" + found->second + "\"\n";
  }
  return text;
}

bool is_there(const Filters& all, const std::string& name) {
  return std::any_of(all.begin(), all.end(), [&](const auto& f) { return f.first == name; });
}

std::string_view first_line(std::string_view text) {
  return text.substr(0, std::min(text.find('\n'), text.size()));
}

// From the line [NAME] to the next line that begins a table, or the end; both npos: no such line.
std::pair<std::size_t, std::size_t> block_in(std::string_view text, const std::string& name) {
  const std::string header = "[" + name + "]";
  std::size_t begin = text.npos;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view line = first_line(text.substr(at));
    if (line.starts_with('[')) {
      if (begin != text.npos) return {begin, at};
      if (line.starts_with(header)) begin = at;
    }
    at += line.size() + 1;
  }
  return {begin, begin == text.npos ? begin : text.size()};
}

}  // namespace

std::string filters_path(const Environment& environment) {
  const std::string own = variable(environment, "ORIEL_FILTERS");
  if (!own.empty()) return own;
  const std::string config = variable(environment, "XDG_CONFIG_HOME");
  if (config.starts_with('/')) return config + "/oriel/filters.toml";
  const std::string home = variable(environment, "HOME");
  return home.empty() ? home : home + "/.config/oriel/filters.toml";
}

Result<Filters> read_filters(std::string_view text, const std::string& name) {
  const auto entries = settings::read_toml(text, name);
  if (!entries) return Failure(entries.error());
  Filters all;
  for (const TomlEntry& entry : *entries) {
    if (entry.kind == TomlEntry::Kind::kEmptyTable && entry.path.size() == 1) {
      words_of(all, entry.path[0]);
      continue;
    }
    if (entry.path.size() != 2 || !is_word(entry)) {
      return fail(ErrorCode::kInvalidArgument,
                  settings::place_of(entry, name) +
                      ": write a table for each rule, as in [no-web], and in it texts in quotes");
    }
    words_of(all, entry.path[0])[entry.path[1]] = entry.text;
  }
  for (const auto& [rule, words] : all) {
    const auto parsed = parse_filter(rule, words);
    if (!parsed) {
      return fail(ErrorCode::kInvalidArgument,
                  name + ": [" + rule + "]: " + parsed.error().message());
    }
  }
  return all;
}

Result<Filters> read_filter_file(const std::string& path) {
  const auto file = settings::read_file(path);
  if (!file) return Failure(file.error());
  return read_filters(file->text, path);
}

Result<void> add_to_filter_file(const std::string& path, const std::string& name,
                                const FilterWords& words) {
  if (const auto rule = parse_filter(name, words); !rule) return Failure(rule.error());
  return settings::edit_file(path, [&](std::string_view text) -> Result<std::string> {
    const auto all = read_filters(text, path);
    if (!all) return Failure(all.error());
    if (is_there(*all, name)) {
      return fail(ErrorCode::kAddressInUse, "there is a rule '" + name + "' already in " + path);
    }
    std::string out(text);
    if (!out.empty() && !out.ends_with('\n')) out += '\n';
    if (!out.empty()) out += '\n';
    out += block_of(name, words);
    const auto again = read_filters(out, path);
    if (!again) return Failure(again.error());
    return out;
  });
}

Result<void> delete_from_filter_file(const std::string& path, const std::string& name) {
  return settings::edit_file(path, [&](std::string_view text) -> Result<std::string> {
    auto all = read_filters(text, path);
    if (!all) return Failure(all.error());
    if (!is_there(*all, name)) {
      std::string names;
      for (const auto& [known, words] : *all) names += (names.empty() ? "" : ", ") + known;
      return fail(ErrorCode::kNotFound, "there is no rule '" + name + "' in " + path +
                                            (names.empty() ? "" : "; there are: " + names));
    }
    const auto [begin, end] = block_in(text, name);
    std::string out(text);
    if (begin != text.npos) out.erase(begin, end - begin);
    // The rest must be what it was: text that only looks like a table is a person's to edit.
    std::erase_if(*all, [&](const auto& f) { return f.first == name; });
    const auto rest = read_filters(out, path);
    if (!rest || *rest != *all) {
      return fail(ErrorCode::kNotSupported, "the rule '" + name +
                                                "' is not written as a table with a line [" + name +
                                                "]: delete it in " + path + " by hand");
    }
    return out;
  });
}

}  // namespace oriel
