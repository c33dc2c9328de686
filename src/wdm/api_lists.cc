// Lists that threads share: LIST_ENTRY under the caller's spin lock, SLIST under its own.
//
//   SLIST_HEADER  | first | lock (32) | depth (32) |      zero: empty
#include <wdm.h>

#include <utility>

#include "runtime/lock.h"

using namespace oriel;

namespace {

struct SharedList {
  PSLIST_ENTRY first;
  runtime::Lock lock;
  std::uint32_t depth;
};
static_assert(sizeof(SharedList) == sizeof(SLIST_HEADER));

SharedList& list_in(PSLIST_HEADER head) {
  return *reinterpret_cast<SharedList*>(head);
}

class SpinHold {
 public:
  explicit SpinHold(PKSPIN_LOCK lock) : lock_(lock) { KeAcquireSpinLock(lock, &before_); }
  ~SpinHold() { KeReleaseSpinLock(lock_, before_); }
  SpinHold(const SpinHold&) = delete;
  SpinHold& operator=(const SpinHold&) = delete;

 private:
  PKSPIN_LOCK lock_;
  KIRQL before_;
};

}  // namespace

PLIST_ENTRY NTAPI ExInterlockedInsertHeadList(PLIST_ENTRY head, PLIST_ENTRY entry,
                                              PKSPIN_LOCK lock) {
  SpinHold hold(lock);
  PLIST_ENTRY first = IsListEmpty(head) ? nullptr : head->Flink;
  InsertHeadList(head, entry);
  return first;
}

PLIST_ENTRY NTAPI ExInterlockedInsertTailList(PLIST_ENTRY head, PLIST_ENTRY entry,
                                              PKSPIN_LOCK lock) {
  SpinHold hold(lock);
  PLIST_ENTRY last = IsListEmpty(head) ? nullptr : head->Blink;
  InsertTailList(head, entry);
  return last;
}

PLIST_ENTRY NTAPI ExInterlockedRemoveHeadList(PLIST_ENTRY head, PKSPIN_LOCK lock) {
  SpinHold hold(lock);
  return IsListEmpty(head) ? nullptr : RemoveHeadList(head);
}

VOID NTAPI InitializeSListHead(PSLIST_HEADER head) {
  *head = SLIST_HEADER{};
}

PSLIST_ENTRY NTAPI InterlockedPushEntrySList(PSLIST_HEADER head, PSLIST_ENTRY entry) {
  SharedList& list = list_in(head);
  runtime::LockHold hold(list.lock);
  entry->Next = list.first;
  list.first = entry;
  ++list.depth;
  return entry->Next;
}

PSLIST_ENTRY NTAPI InterlockedPopEntrySList(PSLIST_HEADER head) {
  SharedList& list = list_in(head);
  runtime::LockHold hold(list.lock);
  PSLIST_ENTRY first = list.first;
  if (first == nullptr) return nullptr;
  list.first = first->Next;
  --list.depth;
  return first;
}

PSLIST_ENTRY NTAPI InterlockedFlushSList(PSLIST_HEADER head) {
  SharedList& list = list_in(head);
  runtime::LockHold hold(list.lock);
  list.depth = 0;
  return std::exchange(list.first, nullptr);
}

USHORT NTAPI QueryDepthSList(PSLIST_HEADER head) {
  SharedList& list = list_in(head);
  runtime::LockHold hold(list.lock);
  return static_cast<USHORT>(list.depth);
}
