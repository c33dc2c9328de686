// Lists of kernel code: LIST_ENTRY and SINGLE_LIST_ENTRY by hand, the ExInterlocked forms of both,
// and the SLIST that several threads share. Part of wdm.h.
#ifndef ORIEL_WIN_KERNEL_LISTS_H
#define ORIEL_WIN_KERNEL_LISTS_H

#include <ntdef.h>

typedef ULONG_PTR KSPIN_LOCK, *PKSPIN_LOCK;  // 0: free; what else is inside is the library's

ORIEL_WIN_INLINE VOID InitializeListHead(PLIST_ENTRY head) {
  head->Flink = head->Blink = head;
}
ORIEL_WIN_INLINE BOOLEAN IsListEmpty(const LIST_ENTRY* head) {
  return (BOOLEAN)(head->Flink == head);
}
ORIEL_WIN_INLINE BOOLEAN RemoveEntryList(PLIST_ENTRY entry) {
  PLIST_ENTRY next = entry->Flink;
  PLIST_ENTRY before = entry->Blink;
  before->Flink = next;
  next->Blink = before;
  return (BOOLEAN)(next == before);
}
ORIEL_WIN_INLINE PLIST_ENTRY RemoveHeadList(PLIST_ENTRY head) {
  PLIST_ENTRY entry = head->Flink;
  RemoveEntryList(entry);
  return entry;
}
ORIEL_WIN_INLINE PLIST_ENTRY RemoveTailList(PLIST_ENTRY head) {
  PLIST_ENTRY entry = head->Blink;
  RemoveEntryList(entry);
  return entry;
}
ORIEL_WIN_INLINE VOID InsertTailList(PLIST_ENTRY head, PLIST_ENTRY entry) {
  PLIST_ENTRY last = head->Blink;
  entry->Flink = head;
  entry->Blink = last;
  last->Flink = entry;
  head->Blink = entry;
}
ORIEL_WIN_INLINE VOID InsertHeadList(PLIST_ENTRY head, PLIST_ENTRY entry) {
  PLIST_ENTRY first = head->Flink;
  entry->Flink = first;
  entry->Blink = head;
  first->Blink = entry;
  head->Flink = entry;
}
ORIEL_WIN_INLINE VOID AppendTailList(PLIST_ENTRY head, PLIST_ENTRY more) {
  PLIST_ENTRY last = head->Blink;
  head->Blink->Flink = more;
  head->Blink = more->Blink;
  more->Blink->Flink = head;
  more->Blink = last;
}
ORIEL_WIN_INLINE PSINGLE_LIST_ENTRY PopEntryList(PSINGLE_LIST_ENTRY head) {
  PSINGLE_LIST_ENTRY first = head->Next;
  if (first != NULL) head->Next = first->Next;
  return first;
}
ORIEL_WIN_INLINE VOID PushEntryList(PSINGLE_LIST_ENTRY head, PSINGLE_LIST_ENTRY entry) {
  entry->Next = head->Next;
  head->Next = entry;
}

ORIEL_WIN_BEGIN
// Each gives the entry that was first (RemoveHead: is taken) or last before; NULL: it was empty.
PLIST_ENTRY NTAPI ExInterlockedInsertHeadList(PLIST_ENTRY head, PLIST_ENTRY entry, PKSPIN_LOCK lock)
    ORIEL_WIN(ExInterlockedInsertHeadList);
PLIST_ENTRY NTAPI ExInterlockedInsertTailList(PLIST_ENTRY head, PLIST_ENTRY entry, PKSPIN_LOCK lock)
    ORIEL_WIN(ExInterlockedInsertTailList);
PLIST_ENTRY NTAPI ExInterlockedRemoveHeadList(PLIST_ENTRY head, PKSPIN_LOCK lock)
    ORIEL_WIN(ExInterlockedRemoveHeadList);

// Push gives what was first before; Flush gives all, the last pushed first.
VOID NTAPI InitializeSListHead(PSLIST_HEADER head) ORIEL_WIN(InitializeSListHead);
PSLIST_ENTRY NTAPI InterlockedPushEntrySList(PSLIST_HEADER head, PSLIST_ENTRY entry)
    ORIEL_WIN(InterlockedPushEntrySList);
PSLIST_ENTRY NTAPI InterlockedPopEntrySList(PSLIST_HEADER head) ORIEL_WIN(InterlockedPopEntrySList);
PSLIST_ENTRY NTAPI InterlockedFlushSList(PSLIST_HEADER head) ORIEL_WIN(InterlockedFlushSList);
USHORT NTAPI QueryDepthSList(PSLIST_HEADER head) ORIEL_WIN(QueryDepthSList);
ORIEL_WIN_END

#define ExInitializeSListHead InitializeSListHead
#define ExQueryDepthSList QueryDepthSList
#define ExInterlockedFlushSList InterlockedFlushSList
#define ExInterlockedPushEntrySList(head, entry, lock) InterlockedPushEntrySList(head, entry)
#define ExInterlockedPopEntrySList(head, lock) InterlockedPopEntrySList(head)

#endif
