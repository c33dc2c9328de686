// A table from the pointer that the program got to what keeps it good.
#include "wfp/given_memory.h"

#include <map>
#include <utility>

#include "runtime/lock.h"

namespace oriel::wfp {
namespace {

struct Gift {
  std::vector<std::shared_ptr<const StoredFilter>> filters;
  std::vector<FWPM_FILTER0> copies;  // of one: each gift has a pointer of its own
  std::vector<FWPM_FILTER0*> entries;
};

struct Gifts {
  runtime::Lock lock;
  std::map<const void*, std::unique_ptr<Gift>> all;
};

Gifts& gifts() {
  static Gifts* const the = new Gifts;
  return *the;
}

std::unique_ptr<Gift> make(std::vector<std::shared_ptr<const StoredFilter>> filters) {
  auto gift = std::make_unique<Gift>();
  gift->filters = std::move(filters);
  for (const auto& filter : gift->filters) gift->copies.push_back(filter->raw());
  for (FWPM_FILTER0& copy : gift->copies) gift->entries.push_back(&copy);
  gift->entries.push_back(nullptr);  // so that an empty array has an address too
  return gift;
}

void remember(const void* pointer, std::unique_ptr<Gift> gift) {
  const runtime::LockHold hold(gifts().lock);
  gifts().all[pointer] = std::move(gift);
}

}  // namespace

FWPM_FILTER0* give_filter(std::shared_ptr<const StoredFilter> filter) {
  auto gift = make({std::move(filter)});
  FWPM_FILTER0* const pointer = gift->copies.data();
  remember(pointer, std::move(gift));
  return pointer;
}

FWPM_FILTER0** give_filters(std::vector<std::shared_ptr<const StoredFilter>> filters) {
  auto gift = make(std::move(filters));
  FWPM_FILTER0** const pointer = gift->entries.data();
  remember(pointer, std::move(gift));
  return pointer;
}

void take_back(const void* given) {
  std::unique_ptr<Gift> gift;  // freed without the lock
  const runtime::LockHold hold(gifts().lock);
  const auto found = gifts().all.find(given);
  if (found == gifts().all.end()) return;
  gift = std::move(found->second);
  gifts().all.erase(found);
}

}  // namespace oriel::wfp
