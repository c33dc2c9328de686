// A program that has only the installed files: two hosts with the program's own clock, and packets
// that it carries between them by hand; "hello" goes over TCP and must come out the other side.
#include <oriel/host.h>
#include <oriel/version.h>

#include <cstdio>
#include <cstring>
#include <string>

namespace {

constexpr int kStepsMax = 1000;

struct End {
  oriel::Host host;
  oriel::LinkId link;
};

End make_end(const char* address) {
  oriel::HostOptions options;
  options.is_manual = true;
  oriel::Host host = oriel::Host::create(options).value();
  oriel::DeviceInfo info;
  info.name = "by-hand";
  oriel::LinkOptions link_options;
  link_options.addresses = {oriel::Prefix::parse(address).value()};
  oriel::LinkId link = host.add_packet_link(info, link_options).value();
  return {std::move(host), link};
}

void carry(End& from, End& to) {
  for (int i = 0; i < kStepsMax; ++i) {
    auto packet = from.host.take(from.link);
    if (!packet) return;
    to.host.inject(to.link, packet->bytes, packet->offload);
  }
}

}  // namespace

int main() {
  End a = make_end("10.9.0.1/24");
  End b = make_end("10.9.0.2/24");
  auto listener = b.host.listen_tcp(oriel::Endpoint::parse("10.9.0.2:7").value()).value();
  oriel::TcpSocket accepted;
  listener.async_accept([&](oriel::Result<oriel::TcpSocket> s) { accepted = s.value(); });
  auto client = a.host.open_tcp().value();
  client.async_connect(oriel::Endpoint::parse("10.9.0.2:7").value(), [](oriel::IoResult) {});

  const std::string hello = "hello";
  std::string got;
  bool is_sent = false;
  oriel::Instant now{0};
  for (int step = 0; step < kStepsMax && got != hello; ++step) {
    now = now + std::chrono::milliseconds(1);
    a.host.advance(now);
    b.host.advance(now);
    carry(a, b);
    carry(b, a);
    if (!is_sent) {
      auto n = client.try_send({reinterpret_cast<const std::uint8_t*>(hello.data()), hello.size()});
      is_sent = n && *n == hello.size();
    }
    if (accepted) {
      std::uint8_t buffer[16];
      if (auto n = accepted.try_receive(buffer)) {
        got.append(reinterpret_cast<const char*>(buffer), *n);
      }
    }
  }
  std::printf("oriel %s said %s\n", ORIEL_VERSION, got.c_str());
  return got == hello ? 0 : 1;
}
