// Events in Windows' form, and answers in ours.
#include "wfp/bound_callout.h"

#include <utility>

namespace oriel::wfp {
namespace {

ORIEL_FWPM_CLASSIFY0 classify_of(const FilterEvent& e) {
  ORIEL_FWPM_CLASSIFY0 c{};
  const bool is_v4 = e.remote.address.is_v4();
  c.layerKey = key_of(e.layer, is_v4);
  c.ipVersion = is_v4 ? FWP_IP_VERSION_V4 : FWP_IP_VERSION_V6;
  c.direction =
      e.direction == FilterDirection::kOutbound ? FWP_DIRECTION_OUTBOUND : FWP_DIRECTION_INBOUND;
  c.protocol = e.protocol;
  c.localPort = e.local.port;
  c.remotePort = e.remote.port;
  if (is_v4) {
    c.localAddressV4 = e.local.address.v4_value();
    c.remoteAddressV4 = e.remote.address.v4_value();
  } else {
    std::memcpy(c.localAddressV6.byteArray16, e.local.address.bytes().data(), 16);
    std::memcpy(c.remoteAddressV6.byteArray16, e.remote.address.bytes().data(), 16);
  }
  c.flags = e.is_loopback ? FWP_CONDITION_FLAG_IS_LOOPBACK : 0;
  if (!e.packet.empty()) {
    c.data = e.packet.front().data();
    c.dataBytes = e.packet.front().size();
  }
  return c;
}

/// One connection's bytes to the function that was bound when it began.
class BoundInspector final : public StreamInspector {
 public:
  BoundInspector(std::shared_ptr<Binding> binding, const FilterEvent& connection, bool may_decide)
      : binding_(std::move(binding)), classify_(classify_of(connection)), may_decide_(may_decide) {
    classify_.flowId = ++binding_->flows;
  }

  StreamVerdict inspect(const StreamChunk& chunk, std::vector<std::uint8_t>& out) override {
    if (binding_->classify == nullptr) return StreamVerdict::kPass;
    classify_.direction = chunk.direction == FilterDirection::kOutbound ? FWP_DIRECTION_OUTBOUND
                                                                        : FWP_DIRECTION_INBOUND;
    classify_.data = chunk.bytes.data();
    classify_.dataBytes = chunk.bytes.size();
    classify_.streamFlags = (chunk.is_end ? ORIEL_FWPM_STREAM_END : 0) |
                            (chunk.is_urgent ? ORIEL_FWPM_STREAM_URGENT : 0);
    ORIEL_FWPM_REPLACEMENT0 replacement{};
    const FWP_ACTION_TYPE action = binding_->classify(binding_->context, &classify_, &replacement);
    if (!may_decide_) return StreamVerdict::kPass;
    if (action == FWP_ACTION_BLOCK) return StreamVerdict::kReset;
    if (!replacement.isSet) return StreamVerdict::kPass;
    if (replacement.dataBytes > kStreamReplacementBytesMax) return StreamVerdict::kReset;
    if (replacement.dataBytes != 0) {
      out.assign(replacement.data, replacement.data + replacement.dataBytes);
    }
    return StreamVerdict::kReplace;
  }

 private:
  std::shared_ptr<Binding> binding_;
  ORIEL_FWPM_CLASSIFY0 classify_;
  bool may_decide_;
};

/// A callout that decides and has no function.
class ResetsAll final : public StreamInspector {
 public:
  StreamVerdict inspect(const StreamChunk&, std::vector<std::uint8_t>&) override {
    return StreamVerdict::kReset;
  }
};

}  // namespace

CalloutVerdict BoundCallout::unbound_verdict() const {
  if (action_ == FWP_ACTION_CALLOUT_INSPECTION) return CalloutVerdict::kContinue;
  return (filter_flags_ & FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED) != 0
             ? CalloutVerdict::kPermit
             : CalloutVerdict::kBlock;
}

CalloutVerdict BoundCallout::classify(const FilterEvent& event) {
  if (binding_->classify == nullptr) return unbound_verdict();
  const ORIEL_FWPM_CLASSIFY0 c = classify_of(event);
  const FWP_ACTION_TYPE action = binding_->classify(binding_->context, &c, nullptr);
  if (action_ == FWP_ACTION_CALLOUT_INSPECTION) return CalloutVerdict::kContinue;
  if (action == FWP_ACTION_PERMIT) return CalloutVerdict::kPermit;
  return action == FWP_ACTION_BLOCK ? CalloutVerdict::kBlock : CalloutVerdict::kContinue;
}

std::unique_ptr<StreamInspector> BoundCallout::inspector_for(const FilterEvent& connection) {
  const bool may_decide = action_ != FWP_ACTION_CALLOUT_INSPECTION;
  if (binding_->classify != nullptr) {
    return std::make_unique<BoundInspector>(binding_, connection, may_decide);
  }
  if (unbound_verdict() == CalloutVerdict::kBlock) return std::make_unique<ResetsAll>();
  return nullptr;
}

}  // namespace oriel::wfp
