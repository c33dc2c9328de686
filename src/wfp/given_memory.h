// Filters that were handed out and that FwpmFreeMemory0 takes back.
#pragma once

#include <memory>
#include <vector>

#include "wfp/stored_filter.h"

namespace oriel::wfp {

/// One filter; it stays good until it is given back. Thread: any, all.
FWPM_FILTER0* give_filter(std::shared_ptr<const StoredFilter> filter);
/// An array of them.
FWPM_FILTER0** give_filters(std::vector<std::shared_ptr<const StoredFilter>> filters);
/// Something that was given; anything else is left alone.
void take_back(const void* given);

}  // namespace oriel::wfp
