// One pointer, read by each socket() and written twice in a process's life.
#include "winsock/provider_host.h"

#include <utility>

#include "runtime/lock.h"

namespace oriel::winsock {
namespace {

struct Place {
  runtime::Lock lock;
  std::shared_ptr<stack::HostImpl> host;
};

Place& place() {
  static Place* const the = new Place;  // outlives every thread
  return *the;
}

}  // namespace

std::shared_ptr<stack::HostImpl> provider_host() {
  const runtime::LockHold hold(place().lock);
  return place().host;
}

void set_provider_host(std::shared_ptr<stack::HostImpl> host) {
  const runtime::LockHold hold(place().lock);
  std::swap(place().host, host);
}

}  // namespace oriel::winsock
