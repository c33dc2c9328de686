// One queue and at most one thread.
#include "winsock/file_reader.h"

#include "runtime/lock.h"
#include "runtime/thread.h"

namespace oriel::winsock {
namespace {

struct Reader {
  runtime::Lock lock;
  IntrusiveList<ReadJob, OfReader> jobs;
  bool is_running = false;
};

Reader& reader() {
  static Reader* const the = new Reader;  // outlives every thread
  return *the;
}

std::uint32_t run(void*) {
  Reader& r = reader();
  for (;;) {
    ReadJob* job = nullptr;
    {
      const runtime::LockHold hold(r.lock);
      job = r.jobs.pop_front();
      if (job == nullptr) {
        r.is_running = false;
        return 0;
      }
    }
    job->read();
  }
}

}  // namespace

bool queue_read(ReadJob& job) {
  Reader& r = reader();
  {
    const runtime::LockHold hold(r.lock);
    r.jobs.push_back(job);
    if (r.is_running) return true;
    r.is_running = true;
  }
  if (runtime::start_thread({run, nullptr, 0, false}).record) return true;
  const runtime::LockHold hold(r.lock);
  r.is_running = false;
  if (job.is_linked()) job.unlink();
  return false;
}

}  // namespace oriel::winsock
