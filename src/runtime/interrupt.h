// The terminal's interrupt (SIGINT, SIGTERM) as a call in a thread of its own.
#pragma once

namespace oriel::runtime {

/// From now on `on_signal(number)` is called for each of these signals, in a thread that does
/// nothing else. Once per process; later calls change the function. Thread: any. Returns false when
/// no thread is left.
bool handle_interrupts(void (*on_signal)(int number));

/// What the system would have done with the signal: ends the process.
[[noreturn]] void end_by_signal(int number);

}  // namespace oriel::runtime
