// Options of neighbour discovery messages (RFC 4861 4.6), shared by the five messages of ndp.cc.
#pragma once

#include <optional>

#include "wire/ndp.h"

namespace oriel::wire {

/// Parses options up to the end of `bytes`. nullopt: a length of zero or past the end, or more than
/// kNdpOptionsMax. Options of unknown type or of another length than theirs are passed over.
std::optional<NdpOptions> parse_ndp_options(ByteView bytes);

/// Length of the options when written: a multiple of 8.
std::size_t ndp_options_bytes(const NdpOptions& options);

/// Writes them; returns ndp_options_bytes(options). `redirected` is cut to a multiple of 8.
std::size_t emit_ndp_options(const NdpOptions& options, ByteSpan out);

}  // namespace oriel::wire
