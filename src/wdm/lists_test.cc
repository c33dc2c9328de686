// Lists by hand and lists between threads.
#include <gtest/gtest.h>
#include <wdm.h>

#include <thread>
#include <vector>

namespace oriel::wdm {
namespace {

struct Item {
  LIST_ENTRY entry;
  SLIST_ENTRY shared;
  int number = 0;
};

int number_of(PLIST_ENTRY entry) {
  return entry == nullptr ? -1 : CONTAINING_RECORD(entry, Item, entry)->number;
}

TEST(ListEntry, InsertsAndRemovesAtBothEnds) {
  LIST_ENTRY head;
  InitializeListHead(&head);
  EXPECT_TRUE(IsListEmpty(&head));
  Item items[3];
  for (int i = 0; i < 3; ++i) items[i].number = i;
  InsertTailList(&head, &items[1].entry);
  InsertTailList(&head, &items[2].entry);
  InsertHeadList(&head, &items[0].entry);
  EXPECT_EQ(number_of(RemoveTailList(&head)), 2);
  EXPECT_EQ(number_of(RemoveHeadList(&head)), 0);
  EXPECT_TRUE(RemoveEntryList(&items[1].entry)) << "it was the last one";
  EXPECT_TRUE(IsListEmpty(&head));
}

TEST(ListEntry, InterlockedFormsSayWhatWasThereBefore) {
  LIST_ENTRY head;
  InitializeListHead(&head);
  KSPIN_LOCK lock = 0;
  Item items[3];
  for (int i = 0; i < 3; ++i) items[i].number = i;
  EXPECT_EQ(ExInterlockedInsertTailList(&head, &items[0].entry, &lock), nullptr);
  EXPECT_EQ(number_of(ExInterlockedInsertTailList(&head, &items[1].entry, &lock)), 0);
  EXPECT_EQ(number_of(ExInterlockedInsertHeadList(&head, &items[2].entry, &lock)), 0);
  for (const int expected : {2, 0, 1, -1}) {
    EXPECT_EQ(number_of(ExInterlockedRemoveHeadList(&head, &lock)), expected);
  }
}

TEST(Slist, IsLastInFirstOut) {
  SLIST_HEADER head;
  InitializeSListHead(&head);
  Item items[2];
  EXPECT_EQ(InterlockedPushEntrySList(&head, &items[0].shared), nullptr);
  EXPECT_EQ(InterlockedPushEntrySList(&head, &items[1].shared), &items[0].shared);
  EXPECT_EQ(QueryDepthSList(&head), 2);
  EXPECT_EQ(InterlockedPopEntrySList(&head), &items[1].shared);
  PSLIST_ENTRY rest = InterlockedFlushSList(&head);
  EXPECT_EQ(rest, &items[0].shared);
  EXPECT_EQ(rest->Next, nullptr);
  EXPECT_EQ(InterlockedPopEntrySList(&head), nullptr);
}

TEST(Slist, LosesNothingBetweenThreads) {
  constexpr int kThreads = 4;
  constexpr int kEach = 1000;
  SLIST_HEADER head{};
  std::vector<Item> items(kThreads * kEach);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i)
        InterlockedPushEntrySList(&head, &items[t * kEach + i].shared);
    });
  }
  int found = 0;
  const auto count = [&](PSLIST_ENTRY entry) {
    for (; entry != nullptr; entry = entry->Next) ++found;
  };
  while (found < kThreads * kEach / 2) count(InterlockedFlushSList(&head));
  for (std::thread& thread : threads) thread.join();
  count(InterlockedFlushSList(&head));
  EXPECT_EQ(found, kThreads * kEach);
}

}  // namespace
}  // namespace oriel::wdm
