// Ethernet headers both ways.
#include "wire/ethernet.h"

#include <cassert>
#include <cstring>

namespace oriel::wire {
namespace {

constexpr std::size_t kTypeOffset = 12;

bool is_vlan(std::uint16_t type) {
  return type == ethertype::kVlan || type == ethertype::kServiceVlan;
}

}  // namespace

std::optional<EthernetHeader> parse_ethernet(ByteView frame) {
  if (frame.size() < kEthernetHeaderBytes) return std::nullopt;
  std::optional<EthernetHeader> header(std::in_place);
  std::memcpy(header->destination.bytes.data(), frame.data(), 6);
  std::memcpy(header->source.bytes.data(), frame.data() + 6, 6);
  std::size_t at = kTypeOffset;
  header->ethertype = load_be16(frame.data() + at);
  while (is_vlan(header->ethertype) && header->tag_count < kVlanTagsMax) {
    if (frame.size() < at + 2 + kVlanTagBytes) return std::nullopt;
    header->tags[header->tag_count++] = {header->ethertype, load_be16(frame.data() + at + 2)};
    at += kVlanTagBytes;
    header->ethertype = load_be16(frame.data() + at);
  }
  return header;
}

std::size_t emit_ethernet(const EthernetHeader& header, ByteSpan out) {
  assert(header.tag_count <= kVlanTagsMax && out.size() >= header.header_bytes());
  std::uint8_t* p = out.data();
  std::memcpy(p, header.destination.bytes.data(), 6);
  std::memcpy(p + 6, header.source.bytes.data(), 6);
  p += kTypeOffset;
  for (std::size_t i = 0; i < header.tag_count; ++i, p += kVlanTagBytes) {
    store_be16(p, header.tags[i].tpid);
    store_be16(p + 2, header.tags[i].tci);
  }
  store_be16(p, header.ethertype);
  return header.header_bytes();
}

}  // namespace oriel::wire
