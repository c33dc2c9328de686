// UDP: each piece read is a datagram, each datagram is written out. A listener answers whoever
// wrote last.
#include <fmt/format.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>

#include "byte_file.h"
#include "nc_options.h"
#include "stop_signal.h"
#include "verbs.h"

namespace oriel::cli {
namespace {

constexpr std::size_t kDatagramBytes = 1400;  // fits every common path without fragments
constexpr std::size_t kDatagramBytesMax = 65'535;
constexpr Duration kTick = std::chrono::milliseconds(100);

struct UdpSession {
  UdpSocket socket;
  std::mutex mutex;
  std::optional<Endpoint> peer;  // guarded by mutex
  std::atomic<bool> is_stopped{false};
  std::atomic<bool> is_sent{false};
};

std::optional<Endpoint> peer_of(UdpSession& s) {
  const std::lock_guard lock(s.mutex);
  return s.peer;
}

void send_datagrams(const std::shared_ptr<UdpSession>& s, ByteFile file) {
  std::vector<std::uint8_t> buffer(kDatagramBytes);
  while (!s->is_stopped) {
    const auto got = file.read(buffer);
    if (!got || *got == 0) break;
    const auto peer = peer_of(*s);
    if (!peer) continue;  // nobody to answer yet
    auto sent = s->socket.send_to(*peer, ByteView(buffer).first(*got));
    while (!sent && sent.error().code == ErrorCode::kWouldBlock && !s->is_stopped) {
      std::this_thread::yield();
      sent = s->socket.send_to(*peer, ByteView(buffer).first(*got));
    }
    if (!sent) complain("nc", "sending: " + sent.error().message(), kExitFailed);
  }
  s->is_sent = true;
}

int receive_datagrams(UdpSession& s, ByteFile& file, const NcOptions& o) {
  std::vector<std::uint8_t> buffer(kDatagramBytesMax);
  Duration quiet{0};
  while (!s.is_stopped) {
    if (s.is_sent && !o.send_file.empty()) return kExitDone;
    const auto got = s.socket.receive_from(buffer, kTick);
    if (!got && got.error().code == ErrorCode::kTimedOut) {
      quiet += kTick;
      if (o.idle.count() > 0 && quiet >= o.idle) return kExitDone;
      continue;
    }
    if (!got) return complain("nc", "receiving: " + got.error().message(), kExitFailed);
    quiet = Duration(0);
    {
      const std::lock_guard lock(s.mutex);
      if (!o.remote) s.peer = got->source;
    }
    const auto written =
        file.write_all(ByteView(buffer).first(std::min(got->bytes, buffer.size())));
    if (!written) return complain("nc", written.error().message(), kExitFailed);
  }
  return kExitDone;
}

}  // namespace

int run_nc_udp(Host& host, const NcOptions& o) {
  auto s = std::make_shared<UdpSession>();
  const bool is_v4 = o.remote ? o.remote->address.is_v4()
                              : o.addresses.size() == 1 && o.addresses[0].address.is_v4();
  auto socket = host.open_udp({is_v4 ? IpAddress::v4_any() : IpAddress::v6_any(), o.listen_port});
  if (!socket) return complain("nc", "opening UDP: " + socket.error().message(), kExitUsage);
  s->socket = *socket;
  s->peer = o.remote;
  if (o.remote) (void)s->socket.connect(*o.remote);
  auto out = ByteFile::open_to_write(o.receive_file.empty() ? "-" : o.receive_file);
  if (!out) return complain("nc", out.error().message(), kExitUsage);
  watch_stop_signals([s] { s->is_stopped = true; });
  if (o.receive_file.empty()) {
    auto in = ByteFile::open_to_read(o.send_file.empty() ? "-" : o.send_file);
    if (!in) return complain("nc", in.error().message(), kExitUsage);
    std::thread([s, file = std::move(*in)]() mutable {
      send_datagrams(s, std::move(file));
    }).detach();
  }
  return receive_datagrams(*s, *out, o);
}

}  // namespace oriel::cli
