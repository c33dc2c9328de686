// How many completion packets a second, posted and taken by one thread, and handed from one thread
// to another; and what an event costs that nobody waits for.
//
// Goal (million a second): post and take >= 5 in one thread, >= 2 across two. usage:
// bench_completion_port [--json FILE]
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "runtime/completion_port.h"
#include "runtime/event.h"
#include "runtime/wait_many.h"
#include "support/report.h"

namespace {

using namespace oriel;
using runtime::CompletionPacket;
using runtime::CompletionPort;

constexpr std::size_t kPackets = 2'000'000;
constexpr int kRepetitions = 7;

double millions(std::size_t count, double seconds) {
  return static_cast<double>(count) / seconds / 1e6;
}

double one_thread(std::size_t burst) {
  auto port = runtime::make_ref<CompletionPort>(0u);
  std::vector<CompletionPacket> packets(burst);
  return millions(kPackets, bench::seconds_of([&] {
                    for (std::size_t i = 0; i < kPackets; i += burst) {
                      for (std::size_t p = 0; p < burst; ++p) port->post({i, nullptr, 0, 0});
                      for (std::size_t p = 0; p < burst; ++p) {
                        port->get({packets.data(), 1}, Instant{0});
                      }
                    }
                  }));
}

double two_threads(std::size_t room) {
  auto port = runtime::make_ref<CompletionPort>(0u);
  return millions(kPackets, bench::seconds_of([&] {
                    std::thread consumer([&] {
                      std::vector<CompletionPacket> packets(room);
                      for (std::size_t taken = 0; taken < kPackets;) {
                        taken += port->get(packets, Instant::never()).count;
                      }
                    });
                    for (std::size_t i = 0; i < kPackets; ++i) port->post({i, nullptr, 0, 0});
                    consumer.join();
                  }));
}

double event_in_one_thread() {
  runtime::Event event(false, false);
  return millions(kPackets, bench::seconds_of([&] {
                    for (std::size_t i = 0; i < kPackets; ++i) {
                      event.set();
                      runtime::wait_one(event, Instant::never());
                    }
                  }));
}

}  // namespace

int main(int argc, char** argv) {
  bench::Report report("completion_port");
  report.add("two threads, one at a time", "M packets/s", kRepetitions,
             [] { return two_threads(1); });
  report.add("two threads, 64 at a time", "M packets/s", kRepetitions,
             [] { return two_threads(64); });
  bench::pin_to_last_core();
  report.add("one thread, one by one", "M packets/s", kRepetitions, [] { return one_thread(1); });
  report.add("one thread, bursts of 32", "M packets/s", kRepetitions,
             [] { return one_thread(32); });
  report.add("event, set and wait", "M/s", kRepetitions, event_in_one_thread);
  if (argc == 3 && std::strcmp(argv[1], "--json") == 0) report.write_json(argv[2]);
}
