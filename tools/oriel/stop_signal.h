// SIGINT and SIGTERM as a call: a thread waits for them, so that no code runs inside a handler.
#pragma once

#include <functional>

namespace oriel::cli {

/// Blocks both signals in this thread and those it starts later. Call before any thread is started.
void block_stop_signals();
/// Calls `on_stop` once, on a thread of its own, when one of them comes; a second one ends the
/// process, and so does `patience_seconds`, if not 0: for programs that may hang in a write to a
/// pipe which nobody reads.
void watch_stop_signals(std::function<void()> on_stop, int patience_seconds = 0);

}  // namespace oriel::cli
