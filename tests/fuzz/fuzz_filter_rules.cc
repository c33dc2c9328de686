// The file of rules: any text gives rules or one sentence, and every rule is one that an engine
// takes.
#include <string_view>

#include "filter/engine.h"
#include "fuzz_check.h"
#include "oriel/filter_file.h"

using namespace oriel;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto all = read_filters(text, "a file");
  if (!all) {
    FUZZ_CHECK(!all.error().text.empty());
    return 0;
  }
  filter::Engine engine;
  for (const auto& [name, words] : *all) {
    const auto rule = parse_filter(name, words);
    FUZZ_CHECK(rule.has_value());
    const auto ids = engine.change({}, {&*rule, 1});
    FUZZ_CHECK(ids.has_value() || ids.error().code == ErrorCode::kInvalidArgument);
  }
  FilterEvent event;
  event.local.address = IpAddress::v4(127, 0, 0, 1);
  event.remote.address = IpAddress::v4(127, 0, 0, 1);
  for (std::size_t i = 0; i < kFilterLayers; ++i) {
    event.layer = static_cast<FilterLayer>(i);
    if (event.layer != FilterLayer::kStream) (void)engine.permits(event);
  }
  return 0;
}
