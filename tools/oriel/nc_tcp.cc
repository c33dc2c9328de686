// One TCP connection: a thread sends what the file has and half-closes, this one receives until the
// peer closes.
//
// Standard input may never end (a terminal): once the peer has closed nobody waits for it, the
// process leaves with the sending thread still in read().
#include <fmt/format.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <thread>

#include "byte_file.h"
#include "nc_options.h"
#include "progress.h"
#include "stop_signal.h"
#include "units.h"
#include "verbs.h"

namespace oriel::cli {
namespace {

constexpr int kPatienceSeconds = 5;             // after a stop signal
constexpr std::size_t kBufferBytes = 1u << 20;  // large reads and writes: few calls per byte

constexpr auto kLinger = std::chrono::seconds(30);  // for the acknowledgement of our FIN

// What both directions share; lives as long as the last thread.
struct TcpSession {
  TcpSocket socket;
  std::atomic<std::uint64_t> sent{0};
  std::atomic<std::uint64_t> received{0};
  std::atomic<bool> is_connected{false};  // `socket` stands
  std::atomic<bool> is_stopped{false};
  std::atomic<bool> has_sending_failed{false};
};

// A terminal or a pipe without end must not keep the process once the peer has closed.
bool is_endless(const NcOptions& o) {
  return o.send_file.empty() || o.send_file == "-";
}

void send_all(const std::shared_ptr<TcpSession>& s, ByteFile file) {
  std::vector<std::uint8_t> buffer(kBufferBytes);
  const auto give_up = [&](const std::string& why) {
    if (!s->is_stopped) complain("nc", why, kExitFailed);
    s->has_sending_failed = true;
    s->socket.abort();
  };
  while (true) {
    const auto got = file.read(buffer);
    if (!got) return give_up(got.error().message());
    if (*got == 0) break;
    const auto sent = s->socket.send(ByteView(buffer).first(*got));
    if (!sent) return give_up("sending: " + sent.error().message());
    s->sent += *got;
  }
  (void)s->socket.shutdown_send();
}

Result<void> receive_all(TcpSession& s, ByteFile& file) {
  std::vector<std::uint8_t> buffer(kBufferBytes);
  Progress progress;
  while (true) {
    const auto got = s.socket.receive(buffer);
    if (!got) return fail(got.error().code, "receiving: " + got.error().message());
    if (*got == 0) return {};
    const auto written = file.write_all(ByteView(buffer).first(*got));
    if (!written) return written;
    s.received += *got;
    progress.show(fmt::format("received {}, sent {}", format_bytes(static_cast<double>(s.received)),
                              format_bytes(static_cast<double>(s.sent))));
  }
}

TcpOptionsForSocket socket_options(const NcOptions& o) {
  return o.mode ? o.mode->socket : TcpOptionsForSocket{};
}

Result<TcpSocket> connect_or_accept(Host& host, const NcOptions& o) {
  if (o.remote) {
    auto socket = host.open_tcp(socket_options(o));
    if (!socket) return socket;
    const auto connected = socket->connect(*o.remote);
    if (connected) return socket;
    return fail(connected.error().code,
                "connecting to " + o.remote->to_string() + ": " + connected.error().message());
  }
  IpAddress any = IpAddress::v6_any();  // both families when it has both
  if (o.addresses.size() == 1 && o.addresses[0].address.is_v4()) any = IpAddress::v4_any();
  ListenOptions options;
  options.tcp = socket_options(o);
  auto listener = host.listen_tcp({any, o.listen_port}, options);
  if (!listener) {
    return fail(ErrorCode::kAddressInUse,
                fmt::format("listening on port {}: {}", o.listen_port, listener.error().message()));
  }
  return listener->accept();
}

// Moves the bytes; the error is the receiving side's, which sees the connection's end. `in`: none
// to send.
Result<void> move_bytes(const std::shared_ptr<TcpSession>& s, const NcOptions& o, ByteFile& out,
                        std::optional<ByteFile> in, bool* has_sent_all) {
  std::thread sender;
  if (in) {
    sender = std::thread([s, file = std::move(*in)]() mutable { send_all(s, std::move(file)); });
  }
  const auto received = receive_all(*s, out);
  if (sender.joinable()) {
    if (is_endless(o))
      sender.detach();
    else
      sender.join();
  }
  *has_sent_all = !s->has_sending_failed;
  return received;
}

}  // namespace

int run_nc_tcp(Host& host, const NcOptions& o) {
  // What cannot be opened is said before anybody is connected to.
  auto out = ByteFile::open_to_write(o.receive_file.empty() ? "-" : o.receive_file);
  if (!out) return complain("nc", out.error().message(), kExitUsage);
  std::optional<ByteFile> in;
  if (o.receive_file.empty()) {
    auto opened = ByteFile::open_to_read(o.send_file.empty() ? "-" : o.send_file);
    if (!opened) return complain("nc", opened.error().message(), kExitUsage);
    in.emplace(std::move(*opened));
  }
  auto session = std::make_shared<TcpSession>();
  watch_stop_signals(
      [session] {
        session->is_stopped = true;
        if (!session->is_connected) std::_Exit(kExitFailed);  // nobody to tell, and nothing to lose
        session->socket.abort();
      },
      kPatienceSeconds);
  auto socket = connect_or_accept(host, o);
  if (!socket) {
    const bool is_setup = socket.error().code == ErrorCode::kAddressInUse;
    return complain("nc", socket.error().message(), is_setup ? kExitUsage : kExitFailed);
  }
  session->socket = *socket;
  session->is_connected = true;
  const auto start = std::chrono::steady_clock::now();
  bool has_sent_all = false;
  const auto moved = move_bytes(session, o, *out, std::move(in), &has_sent_all);
  if (o.has_info) {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    const NcTotals totals{session->sent, session->received, took.count()};
    fmt::print(stderr, "{}", describe(session->socket.info(), totals, o.is_json));
  }
  if (moved) {
    session->socket.close();
    host.end(kLinger);
  }
  if (!moved && !session->is_stopped) return complain("nc", moved.error().message(), kExitFailed);
  return moved && has_sent_all && !session->is_stopped ? kExitDone : kExitFailed;
}

}  // namespace oriel::cli
