// The verbs over UDP and ICMP.
#include <chrono>
#include <cstdlib>
#include <thread>

#include "interop_host.h"

namespace oriel::interop {
namespace {

constexpr std::size_t kDatagramBytesMax = 65'535;
constexpr auto kAnswerTimeout = std::chrono::seconds(10);

Result<UdpSocket> open_for(Host& host, const Endpoint& remote) {
  return host.open_udp({remote.address.is_v4() ? IpAddress::v4_any() : IpAddress::v6_any(), 0});
}

Result<void> ask(UdpSocket& socket, const Endpoint& remote, ByteView question) {
  if (auto sent = socket.send_to(remote, question); !sent) return sent;
  std::vector<std::uint8_t> answer(kDatagramBytesMax);
  auto got = socket.receive_from(answer, kAnswerTimeout);
  if (!got) return tl::unexpected(got.error());
  answer.resize(got->bytes);
  if (!std::equal(answer.begin(), answer.end(), question.begin(), question.end())) {
    return fail(ErrorCode::kMalformed, "the answer is not what was asked");
  }
  return {};
}

}  // namespace

int udp_echo(Host& host, const Words& words) {
  auto socket =
      host.open_udp({IpAddress::v6_any(), static_cast<std::uint16_t>(std::atoi(words[0].c_str()))});
  if (!socket) return fail_with("opening the port", socket.error());
  say_ready();
  std::vector<std::uint8_t> buffer(kDatagramBytesMax);
  while (true) {
    auto got = socket->receive_from(buffer);
    if (!got) return fail_with("receive", got.error());
    auto sent = socket->send_to(got->source, ByteView(buffer).first(got->bytes));
    if (!sent) return fail_with("send", sent.error());
  }
}

int udp_ask(Host& host, const Words& words) {
  auto remote = Endpoint::parse(words[0]);
  if (!remote) return fail_with(words[0], remote.error());
  auto socket = open_for(host, *remote);
  if (!socket) return fail_with("opening a port", socket.error());
  say_ready();
  std::vector<std::uint8_t> question(static_cast<std::size_t>(std::atoi(words[1].c_str())));
  const int count = std::atoi(words[2].c_str());
  for (int i = 0; i < count; ++i) {
    for (std::size_t at = 0; at < question.size(); ++at)
      question[at] = static_cast<std::uint8_t>(at * 7 + i);
    auto done = ask(*socket, *remote, question);
    if (!done) return fail_with("datagram " + std::to_string(i), done.error());
  }
  return 0;
}

int ping(Host& host, const Words& words) {
  auto to = IpAddress::parse(words[0]);
  if (!to) return fail_with(words[0], to.error());
  say_ready();
  const int count = std::atoi(words[2].c_str());
  for (int i = 0; i < count; ++i) {
    auto took =
        host.ping(*to, static_cast<std::size_t>(std::atoi(words[1].c_str())), kAnswerTimeout);
    if (!took) return fail_with("echo " + std::to_string(i), took.error());
    if (took->count() <= 0)
      return fail_with("echo", Error(ErrorCode::kMalformed, "it took no time"));
  }
  return 0;
}

int idle(Host&, const Words&) {
  say_ready();
  while (true) std::this_thread::sleep_for(std::chrono::hours(1));
}

}  // namespace oriel::interop
