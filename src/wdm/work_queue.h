// System worker threads: calls that a driver hands over to run at PASSIVE_LEVEL.
//
// One queue for all kinds: the kinds differ in priority, which nobody has here. A worker is started
// when work comes and none is idle, up to kWorkersMax; it stays.
#pragma once

#include <functional>

namespace oriel::wdm {

inline constexpr int kWorkersMax = 16;

/// Never blocks. Thread: any. Returns false when there is no memory or thread for it.
bool queue_work(std::function<void()> work);

}  // namespace oriel::wdm
