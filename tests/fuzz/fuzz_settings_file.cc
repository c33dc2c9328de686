// A settings file of any bytes: it gives values or a sentence. An edit leaves a file that can be
// read, says what was asked, and changes at most the bytes of one place; taking it out again works
// too.
#include <algorithm>
#include <string>

#include "fuzz_check.h"
#include "settings/line_edit.h"
#include "settings/sayings.h"
#include "settings/toml_entries.h"

using namespace oriel;

namespace {

const std::vector<std::string> kPath = {"tcp", "sack"};

/// Bytes that both begin with, and then both end with.
std::size_t kept_bytes(std::string_view before, std::string_view after) {
  const std::size_t shorter = std::min(before.size(), after.size());
  std::size_t head = 0;
  while (head < shorter && before[head] == after[head]) ++head;
  std::size_t tail = 0;
  while (tail < shorter - head &&
         before[before.size() - 1 - tail] == after[after.size() - 1 - tail]) {
    ++tail;
  }
  return head + tail;
}

const settings::TomlEntry* find(const std::vector<settings::TomlEntry>& entries) {
  for (const auto& e : entries) {
    if (e.path == kPath) return &e;
  }
  return nullptr;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto sayings = settings::read_sayings(text, "f");
  if (!sayings) FUZZ_CHECK(!sayings.error().text.empty());
  const auto before = settings::read_toml(text, "f");
  const auto set = settings::with_value(text, "f", kPath, "true");
  FUZZ_CHECK(before || !set);
  if (!set) return 0;
  const auto after = settings::read_toml(*set, "f");
  FUZZ_CHECK(after.has_value());
  const auto* entry = find(*after);
  FUZZ_CHECK(entry != nullptr && entry->text == "true");
  // A new line keeps all there was; a new value all but the old one.
  const auto* old = find(*before);
  const std::size_t lost = old == nullptr ? 0 : old->value_end - old->value_begin;
  FUZZ_CHECK(kept_bytes(text, *set) + lost >= text.size());
  const auto unset = settings::without_value(*set, "f", kPath);
  if (unset) FUZZ_CHECK(find(settings::read_toml(*unset, "f").value()) == nullptr);
  return 0;
}
