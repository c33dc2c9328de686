// Checksums against a sum of two bytes at a time: whole, at any alignment, in pieces, updated,
// partial.
#include <algorithm>

#include "fuzz_check.h"
#include "wire/checksum.h"

using namespace oriel;

namespace {

std::uint16_t naive_fold(ByteView bytes) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    sum += i % 2 == 0 ? std::uint64_t{bytes[i]} << 8 : bytes[i];
  }
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

// The first bytes say where the pieces end.
void check_pieces(ByteView bytes, std::uint16_t expected) {
  wire::ChecksumAccumulator sum;
  std::size_t at = 0;
  for (std::size_t i = 0; i < 8 && i < bytes.size(); ++i) {
    const std::size_t n = std::min<std::size_t>(bytes[i], bytes.size() - at);
    sum.add(bytes.subspan(at, n));
    at += n;
    if (bytes.size() - at >= 4 && bytes[i] % 3 == 0) {
      sum.add_be32(load_be32(bytes.data() + at));
      at += 4;
    }
    if (bytes.size() - at >= 2 && bytes[i] % 5 == 0) {
      sum.add_be16(load_be16(bytes.data() + at));
      at += 2;
    }
  }
  sum.add(bytes.subspan(at));
  FUZZ_CHECK(sum.folded() == expected);
  FUZZ_CHECK(sum.finish() == static_cast<std::uint16_t>(~expected));
}

void check_update(ByteView bytes) {
  fuzz::ExactBytes copy(bytes);
  const std::uint16_t check = wire::checksum(bytes);
  const std::uint32_t before = load_be32(bytes.data());
  const std::uint32_t after = load_be32(bytes.data() + 4);
  store_be32(copy.span().data(), after);
  const std::uint16_t updated = wire::checksum_update32(check, before, after);
  FUZZ_CHECK(updated % 0xffff == wire::checksum(copy.view()) % 0xffff);
}

void check_partial(ByteView bytes) {
  const IpAddress source = IpAddress::v4(bytes.data());
  const IpAddress destination = IpAddress::v4(bytes.data() + 4);
  const ByteView message = bytes.subspan(8);
  const auto length = static_cast<std::uint32_t>(message.size());
  fuzz::ExactBytes packet(message);
  store_be16(packet.span().data() + 2, wire::partial_checksum(source, destination, 6, length));
  FUZZ_CHECK(wire::complete_checksum(packet.span(), 0, 2));
  FUZZ_CHECK(
      wire::is_checksum_ok(wire::pseudo_header_sum(source, destination, 6, length), packet.view()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::ExactBytes in({data, size});
  const std::uint16_t expected = naive_fold(in.view());
  FUZZ_CHECK(wire::checksum_fold(wire::checksum_add(0, in.view())) == expected);
  FUZZ_CHECK(wire::checksum(in.view()) == static_cast<std::uint16_t>(~expected));
  for (std::size_t skip = 1; skip < 8 && skip < size; ++skip) {
    const ByteView rest = in.view().subspan(skip);
    FUZZ_CHECK(wire::checksum_fold(wire::checksum_add(0, rest)) == naive_fold(rest));
  }
  check_pieces(in.view(), expected);
  if (size >= 8) check_update(in.view());
  if (size >= 12) check_partial(in.view());
  fuzz::ExactBytes copy(in.view());
  if (size >= 2) (void)wire::complete_checksum(copy.span(), data[0], data[1], true);
  return 0;
}
