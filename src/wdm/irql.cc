// The word, and the calls that change it. REQ WSK-2
#include "wdm/irql.h"

#include <cstdio>

namespace oriel::wdm {
namespace {

thread_local KIRQL irql_of_this_thread = PASSIVE_LEVEL;

const char* name_of(KIRQL irql) {
  switch (irql) {
    case PASSIVE_LEVEL:
      return "PASSIVE_LEVEL";
    case APC_LEVEL:
      return "APC_LEVEL";
    case DISPATCH_LEVEL:
      return "DISPATCH_LEVEL";
    default:
      return "an IRQL above DISPATCH_LEVEL";
  }
}

}  // namespace

KIRQL irql() {
  return irql_of_this_thread;
}

void set_irql(KIRQL irql) {
  irql_of_this_thread = irql;
}

void check_irql(const char* call, KIRQL most) {
  if (irql_of_this_thread <= most || !are_checks_on()) return;
  char sentence[160];
  std::snprintf(sentence, sizeof sentence,
                "called at %s, where it may not block or touch paged memory: at most %s is allowed",
                name_of(irql_of_this_thread), name_of(most));
  stop(call, sentence);
}

}  // namespace oriel::wdm

using namespace oriel::wdm;

KIRQL NTAPI KeGetCurrentIrql(VOID) {
  return irql();
}

KIRQL NTAPI KfRaiseIrql(KIRQL to) {
  const KIRQL before = irql();
  check(to >= before, "KeRaiseIrql", "the new IRQL is lower than the present one");
  set_irql(to);
  return before;
}

VOID NTAPI KeLowerIrql(KIRQL to) {
  check(to <= irql(), "KeLowerIrql", "the new IRQL is higher than the present one");
  set_irql(to);
}

VOID NTAPI OrielCheckPagedCode(PCSTR function) {
  check_irql(function, APC_LEVEL);
}
