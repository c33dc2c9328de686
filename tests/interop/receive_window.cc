// The verb `window`: a connection whose receive window a test looks at from both ends.
//
// Lines on standard input: "read N" receives exactly so many bytes. After the handshake and after
// each line one line of numbers goes to standard output: what TcpInfo says was sent.
#include <cinttypes>
#include <cstdio>
#include <iostream>
#include <vector>

#include "interop_host.h"

namespace oriel::interop {
namespace {

bool set_mode(const std::string& word, TcpOptionsForSocket& options) {
  ReceiveMode& mode = options.compatibility.receive_mode;
  if (word == "shift-two") mode = ReceiveMode::kShiftTwo;
  if (word == "no-scaling") mode = ReceiveMode::kNoScaling;
  return word == "host" || mode != ReceiveMode::kHost;
}

void tell(const TcpSocket& socket) {
  const TcpInfo i = socket.info();
  std::printf("{\"window_scale_sent\":%d,\"first_window_field\":%u,\"window_bytes_start\":%" PRIu32
              ",\"rcv_wnd\":%" PRIu32 ",\"rcv_wnd_max\":%" PRIu32 "}\n",
              int{i.window_scale_sent}, unsigned{i.first_window_field}, i.window_bytes_start,
              i.rcv_wnd, i.rcv_wnd_max);
  std::fflush(stdout);
}

Result<void> read_exactly(TcpSocket& socket, std::size_t bytes) {
  std::vector<std::uint8_t> buffer(1u << 20);
  while (bytes != 0) {
    const auto got = socket.receive(ByteSpan(buffer).first(std::min(bytes, buffer.size())));
    if (!got) return tl::unexpected(got.error());
    if (*got == 0) return fail(ErrorCode::kMalformed, "the stream ended too early");
    bytes -= *got;
  }
  return {};
}

}  // namespace

int window(Host& host, const Words& words) {
  TcpOptionsForSocket options;
  const auto remote = Endpoint::parse(words[0]);
  if (!remote || !set_mode(words[1], options)) return 2;
  say_ready();
  auto socket = host.open_tcp(options);
  if (!socket) return fail_with("open", socket.error());
  if (auto done = socket->connect(*remote); !done) return fail_with("connect", done.error());
  tell(*socket);
  for (std::string word; std::cin >> word;) {
    std::size_t bytes = 0;
    if (word != "read" || !(std::cin >> bytes)) return 2;
    if (auto done = read_exactly(*socket, bytes); !done) return fail_with("read", done.error());
    tell(*socket);
  }
  return 0;
}

}  // namespace oriel::interop
