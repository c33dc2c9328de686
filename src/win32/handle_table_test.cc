// Handles under many hands: each lookup gives a living object or none.
#include "win32/handle_table.h"

#include <gtest/gtest.h>
#include <handleapi.h>

#include <atomic>
#include <thread>
#include <vector>

#include "win32/sync_objects.h"

namespace oriel::win32 {
namespace {

class Counted final : public Object {
 public:
  explicit Counted(std::atomic<int>& of) : Object(ObjectKind::kWaitRegistration), alive(of) {
    ++alive;
  }
  ~Counted() override { --alive; }
  static constexpr bool is_kind(ObjectKind kind) { return kind == ObjectKind::kWaitRegistration; }
  void on_last_handle() override { ++closes; }
  std::atomic<int>& alive;
  std::atomic<int> closes{0};
};

std::uintptr_t value_of(HANDLE handle) {
  return reinterpret_cast<std::uintptr_t>(handle);
}

TEST(HandleTable, ValuesAreMultiplesOfFourAndStaleOnesAreRefused) {
  HandleTable table;
  std::atomic<int> alive{0};
  const HANDLE handle = table.insert(make_ref<Counted>(alive));
  EXPECT_NE(handle, nullptr);
  EXPECT_EQ(value_of(handle) % 4, 0u);
  EXPECT_TRUE(table.find_as<Counted>(handle));
  EXPECT_FALSE(table.find_as<EventObject>(handle)) << "of another kind";
  EXPECT_FALSE(table.find(reinterpret_cast<HANDLE>(value_of(handle) + 1)));
  EXPECT_FALSE(table.find(nullptr));
  EXPECT_FALSE(table.find(INVALID_HANDLE_VALUE));
  EXPECT_EQ(table.close(handle), HandleTable::Closed::kClosed);
  EXPECT_EQ(table.close(handle), HandleTable::Closed::kNoHandle);
  EXPECT_EQ(alive, 0);
  for (int i = 0; i < 500; ++i) {
    const HANDLE other = table.insert(make_ref<Counted>(alive));
    EXPECT_NE(other, handle) << "reused too early";
    table.close(other);
  }
}

TEST(HandleTable, LastHandleIsToldOnceWhileRefsLive) {
  HandleTable table;
  std::atomic<int> alive{0};
  const HANDLE first = table.insert(make_ref<Counted>(alive));
  const HANDLE second = table.duplicate(first);
  const Ref<Counted> object = table.find_as<Counted>(second);
  table.close(first);
  EXPECT_EQ(object->closes, 0);
  table.close(second);
  EXPECT_EQ(object->closes, 1);
  EXPECT_EQ(alive, 1);
}

TEST(HandleTable, ProtectedHandleStaysOpen) {
  HandleTable table;
  std::atomic<int> alive{0};
  const HANDLE handle = table.insert(make_ref<Counted>(alive));
  ASSERT_TRUE(
      table.set_flags(handle, HANDLE_FLAG_PROTECT_FROM_CLOSE, HANDLE_FLAG_PROTECT_FROM_CLOSE));
  EXPECT_EQ(table.close(handle), HandleTable::Closed::kProtected);
  ASSERT_TRUE(table.set_flags(handle, HANDLE_FLAG_PROTECT_FROM_CLOSE, 0));
  EXPECT_EQ(table.close(handle), HandleTable::Closed::kClosed);
}

TEST(HandleTable, HoldsAHundredThousandAndReusesThem) {
  HandleTable table;
  std::atomic<int> alive{0};
  std::vector<HANDLE> open;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 100'000; ++i) open.push_back(table.insert(make_ref<Counted>(alive)));
    EXPECT_EQ(alive, 100'000);
    EXPECT_LT(value_of(open.back()), 4u * 102'000);
    for (HANDLE handle : open) table.close(handle);
    open.clear();
  }
  EXPECT_EQ(alive, 0);
}

TEST(HandleTable, FindAndCloseRaceWithoutUseAfterFree) {
  HandleTable table;
  std::atomic<int> alive{0};
  std::atomic<bool> is_over{false};
  std::atomic<HANDLE> current{nullptr};
  std::vector<std::thread> finders;
  for (int t = 0; t < 2; ++t) {
    finders.emplace_back([&] {
      while (!is_over) {
        if (const Ref<Counted> found = table.find_as<Counted>(current.load())) {
          ASSERT_GT(found->alive.load(), 0);
        }
      }
    });
  }
  for (int i = 0; i < 20'000; ++i) {
    const HANDLE handle = table.insert(make_ref<Counted>(alive));
    current = handle;
    ASSERT_EQ(table.close(handle), HandleTable::Closed::kClosed);
  }
  is_over = true;
  for (auto& finder : finders) finder.join();
  EXPECT_EQ(alive, 0);
}

}  // namespace
}  // namespace oriel::win32
