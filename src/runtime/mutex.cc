// Ownership of mutexes, and the list of them that a thread's end goes through.
#include "runtime/mutex.h"

namespace oriel::runtime {
namespace {

struct AllMutexes {
  Lock lock;
  IntrusiveList<Mutex, MutexList> list;
};

// Never destroyed: threads may end after main has.
AllMutexes& all_mutexes() {
  static AllMutexes& all = *new AllMutexes;
  return all;
}

}  // namespace

Mutex::Mutex(bool is_owned) {
  if (is_owned) consume(ThreadRecord::current());
  LockHold hold(all_mutexes().lock);
  all_mutexes().list.push_back(*this);
}

Mutex::~Mutex() {
  LockHold hold(all_mutexes().lock);
  IntrusiveList<Mutex, MutexList>::remove(*this);
  LockHold own(lock());
  if (owner_) disown();
}

bool Mutex::release() {
  WakeList wakes;
  LockHold hold(lock());
  if (owner_.get() != &ThreadRecord::current()) return false;
  if (--depth_ != 0) return true;
  disown();
  serve(wakes);
  return true;
}

void Mutex::consume(ThreadRecord& thread) {
  is_abandoned_ = false;
  if (depth_++ != 0) return;
  owner_ = Ref<ThreadRecord>(&thread);
  thread.note_mutexes_owned(1);
}

void Mutex::disown() {
  owner_->note_mutexes_owned(-1);
  owner_ = nullptr;
  depth_ = 0;
}

void Mutex::abandon_all_of(ThreadRecord& thread) {
  if (!thread.owns_mutexes()) return;
  LockHold hold(all_mutexes().lock);
  for (Mutex& mutex : all_mutexes().list) {
    WakeList wakes;
    LockHold own(mutex.lock());
    if (mutex.owner_.get() != &thread) continue;
    mutex.disown();
    mutex.is_abandoned_ = true;
    mutex.serve(wakes);
  }
}

}  // namespace oriel::runtime
