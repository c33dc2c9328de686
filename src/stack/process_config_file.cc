// The file of ORIEL_CONFIG: TOML, the same words as the variables.
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>

#include "stack/process_config.h"

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

namespace oriel {

Environment process_environment() {
  Environment all;
  for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
    const std::string_view entry(*at);
    const std::size_t equals = entry.find('=');
    if (!entry.starts_with("ORIEL_") || equals == entry.npos) continue;
    all.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return all;
}

Result<void> check_environment(const Environment& environment) {
  const auto config = stack::read_process_config(environment);
  if (!config) return Failure(config.error());
  return {};
}

namespace stack {
namespace {

constexpr std::array<std::string_view, 7> kKeys = {"link",    "address", "gateway", "dns",
                                                   "publish", "pcap",    "end_wait"};
constexpr std::string_view kOthersTable = "settings";
constexpr std::size_t kFileBytesMax = 1u << 20;

bool is_key(std::string_view key) {
  for (const std::string_view k : kKeys) {
    if (k == key) return true;
  }
  return false;
}

Failure at_key(const std::string& name, std::string_view key, const std::string& sentence) {
  return fail(ErrorCode::kInvalidArgument, name + ": " + std::string(key) + ": " + sentence);
}

/// A text, or a list of texts joined with commas; nullopt: something else.
std::optional<std::string> word_of(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return *text;
  const toml::array* list = node.as_array();
  if (list == nullptr) return std::nullopt;
  std::string joined;
  for (const toml::node& item : *list) {
    const auto text = item.value_exact<std::string>();
    if (!text) return std::nullopt;
    joined += (joined.empty() ? "" : ",") + *text;
  }
  return joined;
}

}  // namespace

Result<Environment> read_config_text(std::string_view text, const std::string& name) {
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    std::ostringstream where;
    where << name << ", line " << parsed.error().source().begin.line << ": "
          << parsed.error().description();
    return fail(ErrorCode::kInvalidArgument, where.str());
  }
  Environment words;
  for (const auto& [key, node] : parsed.table()) {
    if (key.str() == kOthersTable && node.is_table()) continue;
    if (!is_key(key.str())) {
      return at_key(name, key.str(),
                    "there is no such key: write link, address, gateway, dns, publish, pcap, "
                    "end_wait or a table [settings]");
    }
    const auto word = word_of(node);
    if (!word) {
      return at_key(name, key.str(), "write a text in quotes, or a list of them in brackets");
    }
    words.emplace(key.str(), *word);
  }
  return words;
}

Result<ProcessConfig> read_process_config(const Environment& environment) {
  const auto variable = environment.find("ORIEL_CONFIG");
  if (variable == environment.end() || variable->second.empty()) {
    return parse_process_config(environment, {}, {});
  }
  const std::string& name = variable->second;
  std::ifstream file(name, std::ios::binary);
  std::string text;
  if (file) text.assign(std::istreambuf_iterator<char>(file), {});
  if (!file || file.bad()) {
    return fail(ErrorCode::kNotFound, "ORIEL_CONFIG: the file '" + name + "' cannot be read: " +
                                          std::generic_category().message(errno));
  }
  if (text.size() > kFileBytesMax) {
    return fail(ErrorCode::kInvalidArgument,
                "ORIEL_CONFIG: the file '" + name + "' is larger than 1 MiB, so it is another one");
  }
  const auto words = read_config_text(text, name);
  if (!words) return Failure(words.error());
  return parse_process_config(environment, *words, name);
}

}  // namespace stack
}  // namespace oriel
