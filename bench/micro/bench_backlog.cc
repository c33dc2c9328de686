// What one notification of another ideal send backlog costs from the connection's event to the
// program: the wait ends, its packet is posted to a completion port and taken, the program asks and
// waits again.
//
// Goal: <= 2 us. usage: bench_backlog [--json FILE]
#include <cstring>

#include "runtime/completion_port.h"
#include "socket/scripted_transport_test.h"
#include "support/report.h"

namespace {

using namespace oriel;

constexpr std::size_t kNotifications = 200'000;
constexpr int kRepetitions = 7;

class ToPort final : public socket::CompletionSink {
 public:
  explicit ToPort(runtime::CompletionPort& port) : port_(port) {}
  void on_complete(socket::Request& request) override { port_.post({request.done, nullptr, 0, 0}); }

 private:
  runtime::CompletionPort& port_;
};

double us_each() {
  auto port = runtime::make_ref<runtime::CompletionPort>(0u);
  ToPort sink(*port);
  socket::ScriptedTransport transport;
  socket::StreamSocket socket;
  socket.attach(transport);
  socket::TestRequest request(socket::Request::Kind::kWaitBacklog, sink);
  const double seconds = bench::seconds_of([&] {
    for (std::size_t i = 0; i < kNotifications; ++i) {
      socket.submit(Instant{0}, request);
      transport.backlog ^= 1u << 20;
      transport.tell(socket::transport_event::kBacklogChanged);
      runtime::CompletionPacket packet;
      port->get({&packet, 1}, Instant{0});
      (void)socket.report_backlog();
    }
  });
  return seconds * 1e6 / kNotifications;
}

}  // namespace

int main(int argc, char** argv) {
  bench::Report report("backlog");
  bench::pin_to_last_core();
  report.add("one notification", "us", kRepetitions, us_each);
  if (argc == 3 && std::strcmp(argv[1], "--json") == 0) report.write_json(argv[2]);
}
