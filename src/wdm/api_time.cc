// The clocks as kernel code reads them. A tick is 15.625 ms, as on Windows.
#include <wdm.h>

#include "runtime/clock.h"
#include "runtime/thread.h"
#include "wdm/irql.h"
#include "wdm/timeout.h"
#include "win32/system_time.h"

namespace oriel::wdm {

Instant deadline_of(const LARGE_INTEGER* timeout) {
  if (timeout == nullptr) return Instant::never();
  const LONGLONG units = timeout->QuadPart;
  if (units == 0) return Instant{0};
  if (units > 0) return win32::instant_of_file_time(static_cast<std::uint64_t>(units));
  const Instant now = runtime::real_now();
  const LONGLONG left = (Instant::never().ns - now.ns) / 100;
  return units <= -left ? Instant::never() : Instant{now.ns - units * 100};
}

}  // namespace oriel::wdm

using namespace oriel;
using namespace oriel::wdm;

namespace {

constexpr ULONG kTickUnits = 156'250;
constexpr LONGLONG kCountsPerSecond = 10'000'000;

LONGLONG units_now() {
  return runtime::real_now().ns / 100;
}

}  // namespace

NTSTATUS NTAPI KeDelayExecutionThread(KPROCESSOR_MODE, BOOLEAN, PLARGE_INTEGER interval) {
  check_irql("KeDelayExecutionThread", APC_LEVEL);
  if (interval == nullptr) return STATUS_INVALID_PARAMETER;
  if (interval->QuadPart == 0) {
    runtime::yield_thread();
  } else {
    runtime::sleep_thread(deadline_of(interval), false);
  }
  return STATUS_SUCCESS;
}

VOID NTAPI KeQuerySystemTime(PLARGE_INTEGER time) {
  time->QuadPart = static_cast<LONGLONG>(win32::file_time_of(runtime::real_now()));
}

ULONGLONG NTAPI KeQueryInterruptTime(VOID) {
  return static_cast<ULONGLONG>(units_now());
}

ULONG NTAPI KeQueryTimeIncrement(VOID) {
  return kTickUnits;
}

VOID NTAPI KeQueryTickCount(PLARGE_INTEGER ticks) {
  ticks->QuadPart = units_now() / kTickUnits;
}

LARGE_INTEGER NTAPI KeQueryPerformanceCounter(PLARGE_INTEGER frequency) {
  if (frequency != nullptr) frequency->QuadPart = kCountsPerSecond;
  LARGE_INTEGER counter;
  counter.QuadPart = units_now();
  return counter;
}
