// The library's own copies of the constants in fwpmu.h, and the table of layers.
#define INITGUID
#include "wfp/guids.h"

#include "runtime/entropy.h"

namespace oriel::wfp {
namespace {

struct LayerRow {
  const GUID* v4;
  const GUID* v6;
  FilterLayer layer;
};
const LayerRow kLayers[] = {
    {&FWPM_LAYER_ALE_AUTH_CONNECT_V4, &FWPM_LAYER_ALE_AUTH_CONNECT_V6, FilterLayer::kConnect},
    {&FWPM_LAYER_ALE_AUTH_RECV_ACCEPT_V4, &FWPM_LAYER_ALE_AUTH_RECV_ACCEPT_V6,
     FilterLayer::kAccept},
    {&FWPM_LAYER_INBOUND_TRANSPORT_V4, &FWPM_LAYER_INBOUND_TRANSPORT_V6,
     FilterLayer::kInboundTransport},
    {&FWPM_LAYER_OUTBOUND_TRANSPORT_V4, &FWPM_LAYER_OUTBOUND_TRANSPORT_V6,
     FilterLayer::kOutboundTransport},
    {&FWPM_LAYER_STREAM_V4, &FWPM_LAYER_STREAM_V6, FilterLayer::kStream},
};

}  // namespace

GUID new_guid() {
  const std::uint64_t random[2] = {runtime::real_entropy(), runtime::real_entropy()};
  GUID g;
  std::memcpy(&g, random, sizeof g);
  g.Data3 = static_cast<unsigned short>((g.Data3 & 0x0fff) | 0x4000);
  g.Data4[0] = static_cast<unsigned char>((g.Data4[0] & 0x3f) | 0x80);
  return g;
}

std::optional<Layer> layer_of(const GUID& key) {
  for (const LayerRow& row : kLayers) {
    if (key == *row.v4) return Layer{row.layer, true};
    if (key == *row.v6) return Layer{row.layer, false};
  }
  return std::nullopt;
}

const GUID& key_of(FilterLayer layer, bool is_v4) {
  for (const LayerRow& row : kLayers) {
    if (row.layer == layer) return is_v4 ? *row.v4 : *row.v6;
  }
  return *kLayers[0].v4;
}

}  // namespace oriel::wfp
