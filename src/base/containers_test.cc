#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <set>
#include <stdexcept>
#include <vector>

#include "base/intrusive_list.h"
#include "base/random.h"
#include "base/ring.h"
#include "base/slab.h"

namespace oriel {
namespace {

struct ByAge;
struct Item : ListHook<>, ListHook<ByAge> {
  explicit Item(int v) : value(v) {}
  int value;
};
using Items = IntrusiveList<Item>;
using Ages = IntrusiveList<Item, ByAge>;

template <class List>
std::vector<int> values(List& list) {
  std::vector<int> v;
  for (Item& item : list) v.push_back(item.value);
  return v;
}

TEST(IntrusiveList, KeepsOrderFromBothEnds) {
  Item a(1), b(2), c(3), d(4);
  Items list;
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(list.pop_front(), nullptr);
  EXPECT_EQ(list.pop_back(), nullptr);
  list.push_back(b);
  list.push_back(d);
  list.push_front(a);
  list.insert_before(d, c);
  EXPECT_EQ(values(list), (std::vector<int>{1, 2, 3, 4}));
  EXPECT_EQ(&list.front(), &a);
  EXPECT_EQ(&list.back(), &d);
  list.move_to_back(b);
  EXPECT_EQ(values(list), (std::vector<int>{1, 3, 4, 2}));
  EXPECT_EQ(list.pop_front(), &a);
  EXPECT_EQ(list.pop_back(), &b);
  Items::remove(c);
  EXPECT_EQ(values(list), (std::vector<int>{4}));
}

TEST(IntrusiveList, OneElementMayBeOnSeveralLists) {
  Item a(1), b(2);
  Items items;
  Ages ages;
  items.push_back(a);
  items.push_back(b);
  ages.push_back(b);
  ages.push_back(a);
  Items::remove(a);
  EXPECT_EQ(values(items), (std::vector<int>{2}));
  EXPECT_EQ(values(ages), (std::vector<int>{2, 1}));
}

TEST(IntrusiveList, ElementsLeaveWhenTheyOrTheListDie) {
  Item survivor(1);
  {
    Items list;
    list.push_back(survivor);
    {
      Item dying(2);
      list.push_back(dying);
    }
    EXPECT_EQ(values(list), (std::vector<int>{1}));
  }
  EXPECT_FALSE(static_cast<ListHook<>&>(survivor).is_linked());
}

TEST(IntrusiveList, ErasingWhileWalkingGoesOnBehind) {
  Item a(1), b(2), c(3);
  Items list;
  for (Item* item : {&a, &b, &c}) list.push_back(*item);
  for (auto it = list.begin(); it != list.end();) {
    it = it->value == 2 ? Items::erase(it) : std::next(it);
  }
  EXPECT_EQ(values(list), (std::vector<int>{1, 3}));
}

struct Counted {
  explicit Counted(int* n) : alive(n) { ++*alive; }
  ~Counted() { --*alive; }
  int* alive;
  std::uint64_t padding[10] = {};
};

TEST(Slab, RecyclesTheNewestAndKeepsAddresses) {
  int alive = 0;
  Slab<Counted> slab(1000);
  Counted* a = slab.create(&alive);
  Counted* b = slab.create(&alive);
  EXPECT_EQ(alive, 2);
  slab.destroy(a);
  EXPECT_EQ(alive, 1);
  EXPECT_EQ(slab.create(&alive), a);
  EXPECT_EQ(slab.size(), 2u);
  slab.destroy(a);
  slab.destroy(b);
  EXPECT_EQ(alive, 0);
}

TEST(Slab, StopsAtItsLimit) {
  int alive = 0;
  Slab<Counted> slab(2);
  Counted* a = slab.create(&alive);
  Counted* b = slab.create(&alive);
  EXPECT_EQ(slab.create(&alive), nullptr);
  slab.destroy(a);
  a = slab.create(&alive);
  EXPECT_NE(a, nullptr);
  slab.destroy(a);
  slab.destroy(b);
}

TEST(Slab, GivesMemoryBackWhenTheLastObjectGoes) {
  int alive = 0;
  Slab<Counted> slab(10000);
  for (int round = 0; round < 2; ++round) {
    std::set<Counted*> objects;
    for (int i = 0; i < 1000; ++i) objects.insert(slab.create(&alive));
    EXPECT_EQ(objects.size(), 1000u);
    EXPECT_GE(slab.chunk_count(), 1000 * sizeof(Counted) / Slab<Counted>::kChunkBytes);
    for (Counted* object : objects) slab.destroy(object);
    EXPECT_EQ(slab.chunk_count(), 1u);
    EXPECT_EQ(slab.size(), 0u);
  }
}

struct alignas(64) Throwing {
  explicit Throwing(bool is_bad) {
    text[0] = 1;
    if (is_bad) throw std::runtime_error("bad");
  }
  unsigned char text[64];
};

TEST(Slab, AThrowingConstructorLeavesItWhole) {
  Slab<Throwing> slab(10);
  EXPECT_THROW(slab.create(true), std::runtime_error);
  EXPECT_EQ(slab.size(), 0u);
  Throwing* a = slab.create(false);
  Throwing* b = slab.create(false);
  EXPECT_NE(a, b);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(a) % 64, 0u);
  slab.destroy(a);
  slab.destroy(b);
}

TEST(Ring, AgreesWithADequeUnderRandomUse) {
  Random random(7);
  Ring<std::unique_ptr<int>> ring;
  std::deque<int> model;
  for (int i = 0; i < 20000; ++i) {
    switch (random.below(5)) {
      case 0:
      case 1:
        ring.push_back(std::make_unique<int>(i));
        model.push_back(i);
        break;
      case 2:
        ring.push_front(std::make_unique<int>(i));
        model.push_front(i);
        break;
      case 3:
        if (model.empty()) break;
        EXPECT_EQ(*ring.pop_front(), model.front());
        model.pop_front();
        break;
      default:
        if (model.empty()) break;
        EXPECT_EQ(*ring.pop_back(), model.back());
        model.pop_back();
        break;
    }
    ASSERT_EQ(ring.size(), model.size());
    if (model.empty()) continue;
    const std::size_t at = random.below(model.size());
    ASSERT_EQ(*ring[at], model[at]);
    ASSERT_EQ(*ring.front(), model.front());
    ASSERT_EQ(*ring.back(), model.back());
  }
}

TEST(Ring, GrowsInPowersOfTwoAndTakesItsOwnElements) {
  Ring<std::string> ring;
  EXPECT_EQ(ring.capacity(), 0u);
  ring.push_back("first, long enough to live on the heap");
  EXPECT_EQ(ring.capacity(), 8u);
  for (int i = 1; i < 8; ++i) ring.push_back("x");
  ring.emplace_back(ring.front());  // grows while the argument lies inside
  EXPECT_EQ(ring.capacity(), 16u);
  EXPECT_EQ(ring.back(), ring.front());
  EXPECT_EQ(ring.front(), "first, long enough to live on the heap");
  ring.reserve(17);
  EXPECT_EQ(ring.capacity(), 32u);
  ring.clear();
  EXPECT_EQ(ring.capacity(), 32u);
  ring.release();
  EXPECT_EQ(ring.capacity(), 0u);
  ring.push_front("again");
  EXPECT_EQ(ring.pop_back(), "again");
}

TEST(Ring, MovesWhole) {
  Ring<int> a;
  a.push_back(1);
  Ring<int> b = std::move(a);
  EXPECT_EQ(b.front(), 1);
  a = std::move(b);
  EXPECT_EQ(a.size(), 1u);
}

}  // namespace
}  // namespace oriel
