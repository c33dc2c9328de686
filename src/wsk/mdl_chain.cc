// A long chain is walked twice: the first time counts, so that it costs one allocation.
#include "wsk/mdl_chain.h"

#include <algorithm>

namespace oriel::wsk {
namespace {

/// Longer chains than this are a loop.
constexpr std::size_t kMdlsMax = 1u << 20;

ByteSpan bytes_of(PMDL mdl) {
  auto* data = static_cast<std::uint8_t*>(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority));
  return {data, MmGetMdlByteCount(mdl)};
}

// Calls `take(piece)` for each piece that is not empty. False: the chain is too short.
template <class Take>
bool walk(const WSK_BUF& buffer, Take&& take) {
  std::size_t skip = buffer.Offset;
  std::size_t left = buffer.Length;
  std::size_t mdls = 0;
  for (PMDL mdl = buffer.Mdl; mdl != nullptr; mdl = mdl->Next) {
    if (++mdls > kMdlsMax) return false;
    ByteSpan piece = bytes_of(mdl);
    const std::size_t skipped = std::min(skip, piece.size());
    skip -= skipped;
    piece = piece.subspan(skipped);
    piece = piece.first(std::min(left, piece.size()));
    left -= piece.size();
    if (!piece.empty()) take(piece);
    if (left == 0 && skip == 0) return true;
  }
  return left == 0 && skip == 0;
}

}  // namespace

std::ptrdiff_t pieces_of(const WSK_BUF& buffer, std::span<ByteSpan> out) {
  std::size_t count = 0;
  const bool is_whole = walk(buffer, [&](ByteSpan piece) {
    if (count < out.size()) out[count] = piece;
    ++count;
  });
  return is_whole ? static_cast<std::ptrdiff_t>(count) : -1;
}

std::vector<ByteView> payload_of(const socket::Request& request) {
  std::vector<ByteView> views;
  if (request.pieces == nullptr) {
    views.emplace_back(request.data, request.size);
    return views;
  }
  std::size_t bytes = 0;
  for (const ByteSpan* piece = request.pieces; bytes < request.size; ++piece) {
    views.emplace_back(*piece);
    bytes += piece->size();
  }
  return views;
}

void describe(MDL& mdl, ByteView bytes) {
  MmInitializeMdl(&mdl, const_cast<std::uint8_t*>(bytes.data()), bytes.size());
  MmBuildMdlForNonPagedPool(&mdl);
}

}  // namespace oriel::wsk
