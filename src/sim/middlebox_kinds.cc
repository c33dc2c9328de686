// One row for each kind: its words, and how it is made.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "oriel/middlebox.h"
#include "sim/option_editor.h"
#include "sim/window_gateway.h"

namespace oriel::sim {
namespace {

constexpr std::uint8_t kMss = 2;  // kinds of options: RFC 9293 3.2, RFC 7323 2.2 and 3.2
constexpr std::uint8_t kWindowScale = 3;
constexpr std::uint8_t kTimestamps = 8;
constexpr std::size_t kMssOptionBytes = 4;
constexpr std::size_t kWindowScaleBytes = 3;

using Box = std::shared_ptr<Middlebox>;

bool erase(ByteSpan option) {
  std::fill(option.begin(), option.end(), std::uint8_t{1});  // no-operation
  return true;
}

// Null: the argument is wrong.
Box make_blind(std::string_view) {
  return std::make_shared<WindowGateway>(false);
}
Box make_aware(std::string_view) {
  return std::make_shared<WindowGateway>(true);
}

Box make_scale_stripper(std::string_view which) {
  EditedSegments segments;
  if (which == "syn")
    segments.syn_ack = false;
  else if (which == "syn-ack")
    segments.syn = false;
  else if (!which.empty() && which != "both")
    return nullptr;
  return std::make_shared<OptionEditor>("wsopt-stripper", segments, kWindowScale, erase);
}

// The sender's stack is told that the receiver's factor is 0: it scales nothing, as one that
// ignores the option, and still answers with an option of its own, so that the receiver scales.
Box make_field_obeyer(std::string_view end) {
  EditedSegments segments;
  if (end == "a")
    segments.from_a = false;
  else if (end == "b")
    segments.from_b = false;
  else if (!end.empty() && end != "both")
    return nullptr;
  return std::make_shared<OptionEditor>("field-obeying-peer", segments, kWindowScale,
                                        [](ByteSpan option) {
                                          if (option.size() != kWindowScaleBytes) return false;
                                          option[2] = 0;
                                          return true;
                                        });
}

Box make_timestamp_stripper(std::string_view) {
  EditedSegments segments;
  segments.others = true;
  return std::make_shared<OptionEditor>("timestamp-stripper", segments, kTimestamps, erase);
}

Box make_mss_rewriter(std::string_view bytes) {
  std::uint16_t mss = 0;
  const char* end = bytes.data() + bytes.size();
  const auto [stop, error] = std::from_chars(bytes.data(), end, mss);
  if (error != std::errc() || stop != end || mss == 0) return nullptr;
  return std::make_shared<OptionEditor>("mss-rewriter", EditedSegments{}, kMss,
                                        [mss](ByteSpan option) {
                                          if (option.size() != kMssOptionBytes) return false;
                                          store_be16(option.data() + 2, mss);
                                          return true;
                                        });
}

constexpr std::array kKinds = {
    MiddleboxKind{"scale-blind-gateway", "scale-blind-gateway",
                  "drops data beyond the window field, as if there were no scale factor"},
    MiddleboxKind{"scale-aware-gateway", "scale-aware-gateway",
                  "drops data beyond the true window, and so nothing of a right sender"},
    MiddleboxKind{"field-obeying-peer", "field-obeying-peer[=a|b|both]",
                  "senders at that end take the other's window field as it stands"},
    MiddleboxKind{"wsopt-stripper", "wsopt-stripper[=syn|syn-ack|both]",
                  "takes the window scale option from the handshake"},
    MiddleboxKind{"timestamp-stripper", "timestamp-stripper",
                  "takes the timestamps option from every segment"},
    MiddleboxKind{"mss-rewriter", "mss-rewriter=BYTES",
                  "writes its own maximum segment size into both SYNs"},
};
constexpr Box (*kMakers[kKinds.size()])(std::string_view) = {
    make_blind,       make_aware, make_field_obeyer, make_scale_stripper, make_timestamp_stripper,
    make_mss_rewriter};

Failure refuse(std::string_view words) {
  std::string known;
  for (const MiddleboxKind& k : kKinds) known += (known.empty() ? "" : ", ") + std::string(k.form);
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("'{}' is not a middlebox; there are {}", words, known));
}

}  // namespace

std::span<const MiddleboxKind> middlebox_kinds() {
  return kKinds;
}

Result<std::shared_ptr<Middlebox>> make_middlebox(std::string_view words) {
  const std::size_t equals = words.find('=');
  const std::string_view name = words.substr(0, equals);
  const bool has_argument = equals != std::string_view::npos;
  const std::string_view argument = has_argument ? words.substr(equals + 1) : std::string_view();
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    if (kKinds[i].name != name) continue;
    if (has_argument && (kKinds[i].form == name || argument.empty())) break;
    if (Box box = kMakers[i](argument)) return box;
    break;
  }
  return refuse(words);
}

}  // namespace oriel::sim
