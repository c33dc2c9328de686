// A box that changes TCP options where they lie and mends the checksum: strippers and rewriters.
//
// Sizes never change: an option that is taken away becomes no-operations (RFC 9293 3.1).
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "oriel/sim.h"

namespace oriel::sim {

/// The segments that an editor looks at.
struct EditedSegments {
  bool syn = true;
  bool syn_ack = true;
  bool others = false;
  bool from_a = true;
  bool from_b = true;
};

class OptionEditor final : public Middlebox {
 public:
  /// `edit` gets each option of `kind`, its kind and length bytes first; true: it changed
  /// something.
  using Edit = std::function<bool(ByteSpan option)>;
  OptionEditor(std::string name, EditedSegments segments, std::uint8_t kind, Edit edit)
      : name_(std::move(name)), segments_(segments), kind_(kind), edit_(std::move(edit)) {}

  std::string name() const override { return name_; }
  bool on_packet(Instant now, Direction direction, std::vector<std::uint8_t>& packet,
                 std::vector<std::vector<std::uint8_t>>& reply) override;

 private:
  bool looks_at(Direction direction, std::uint8_t flags) const;
  bool edit_options(ByteSpan options);

  std::string name_;
  EditedSegments segments_;
  std::uint8_t kind_;
  Edit edit_;
};

}  // namespace oriel::sim
