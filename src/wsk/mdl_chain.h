// The bytes that a WSK_BUF describes, as the pieces of a request: Length bytes of a chain of MDLs,
// from Offset on. The only place that walks MDLs, and the one that makes those of indications.
//
//   | MDL | MDL ........ | MDL |
//      ^Offset  <-- Length -->
//
// Nothing is allocated for as many pieces as `MdlPieces` holds.
#pragma once

#include <wsk.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "socket/request.h"

namespace oriel::wsk {

/// The pieces of `buffer` that are not empty, at most `out.size()` of them, and how many there are;
/// -1: Offset and Length reach beyond the chain.
std::ptrdiff_t pieces_of(const WSK_BUF& buffer, std::span<ByteSpan> out);

/// Where a request's pieces lie. It outlives the request.
template <std::size_t kInside>
class MdlPieces {
 public:
  /// Sets `request`'s buffers. STATUS_INVALID_PARAMETER: no WSK_BUF, or it reaches beyond its
  /// chain.
  NTSTATUS capture(const WSK_BUF* buffer, socket::Request& request) {
    if (buffer == nullptr) return STATUS_INVALID_PARAMETER;
    std::array<ByteSpan, kInside == 0 ? 1 : kInside> first;
    const std::ptrdiff_t count = pieces_of(*buffer, first);
    if (count < 0) return STATUS_INVALID_PARAMETER;
    request.size = buffer->Length;
    if (count <= 1) {
      request.data = first[0].data();
      return STATUS_SUCCESS;
    }
    if (static_cast<std::size_t>(count) <= kInside) {
      std::copy_n(first.begin(), count, inside_.begin());
      request.pieces = inside_.data();
      return STATUS_SUCCESS;
    }
    const auto total = static_cast<std::size_t>(count);
    more_ = std::make_unique<ByteSpan[]>(total);
    pieces_of(*buffer, {more_.get(), total});
    request.pieces = more_.get();
    return STATUS_SUCCESS;
  }

 private:
  [[no_unique_address]] std::array<ByteSpan, kInside> inside_;
  std::unique_ptr<ByteSpan[]> more_;
};

/// The pieces of `request` as payload that leaves at once.
std::vector<ByteView> payload_of(const socket::Request& request);

/// Makes `mdl` describe these bytes. Requires: they stay where they are while it is used.
void describe(MDL& mdl, ByteView bytes);

}  // namespace oriel::wsk
