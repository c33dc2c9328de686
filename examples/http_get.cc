// Fetches one file over HTTP/1.0 with Oriel's TCP and writes it to disk: the program of `./dev
// demo`.
//
// usage: oriel-http-get LINK ADDRESS/BITS SERVER:PORT PATH OUTPUT [CAPTURE.pcap]
// Prints what the connection says about itself at the end. Exit 0 when the server answered 200 and
// the body is as long as it said, 1 when not, 2 when the command line or the device is at fault.
#include <oriel/host.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::size_t kReadBytes = 256 * 1024;
constexpr std::size_t kHeaderBytesMax = 16 * 1024;
constexpr auto kConnectTimeout = std::chrono::seconds(10);

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

oriel::Failure give_up(std::string text) {
  return oriel::fail(oriel::ErrorCode::kMalformed, std::move(text));
}

oriel::Instant wall_clock() {
  auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<oriel::Duration>(since_1970).count()};
}

oriel::Result<void> attach(oriel::Host& host, const char* link, const char* address,
                           const char* pcap_path) {
  auto local = oriel::Prefix::parse(address);
  if (!local) return tl::unexpected(local.error());
  auto device = oriel::open_link(link);
  if (device && pcap_path != nullptr) {
    device = oriel::capture(std::move(*device), pcap_path, wall_clock);
  }
  if (!device) return tl::unexpected(device.error());
  oriel::LinkOptions options;
  options.addresses = {*local};
  auto attached = host.add_link(std::move(*device), options);
  if (!attached) return tl::unexpected(attached.error());
  return {};
}

/// Reads up to the blank line; `body` gets what came behind it. Gives the length that the server
/// announced.
oriel::Result<std::size_t> read_header(oriel::TcpSocket& socket, std::string& body) {
  std::string text;
  std::vector<std::uint8_t> buffer(kReadBytes);
  std::size_t end = std::string::npos;
  while (end == std::string::npos) {
    auto bytes = socket.receive(buffer);
    if (!bytes) return tl::unexpected(bytes.error());
    if (*bytes == 0) return give_up("the server closed before its header was complete");
    text.append(reinterpret_cast<const char*>(buffer.data()), *bytes);
    end = text.find("\r\n\r\n");
    if (end == std::string::npos && text.size() > kHeaderBytesMax)
      return give_up("the header has no end");
  }
  const std::string first_line = text.substr(0, text.find("\r\n"));
  if (first_line.find(" 200 ") == std::string::npos)
    return give_up("the server said: " + first_line);
  const std::string_view name = "\r\nContent-Length: ";
  const std::size_t at = text.find(name);
  if (at == std::string::npos || at > end)
    return give_up("the server did not say how long the file is");
  body = text.substr(end + 4);
  return std::strtoull(text.c_str() + at + name.size(), nullptr, 10);
}

oriel::Result<std::size_t> fetch(oriel::TcpSocket& socket, const std::string& path,
                                 std::FILE* output) {
  const std::string request = "GET " + path + " HTTP/1.0\r\nHost: oriel\r\n\r\n";
  auto sent = socket.send({reinterpret_cast<const std::uint8_t*>(request.data()), request.size()});
  if (!sent) return tl::unexpected(sent.error());
  std::string body;
  auto announced = read_header(socket, body);
  if (!announced) return announced;
  std::size_t written = std::fwrite(body.data(), 1, body.size(), output);
  std::vector<std::uint8_t> buffer(kReadBytes);
  while (written < *announced) {
    auto bytes = socket.receive(buffer);
    if (!bytes) return bytes;
    if (*bytes == 0) break;
    written += std::fwrite(buffer.data(), 1, *bytes, output);
  }
  if (written != *announced) return give_up("the file is shorter than the server said");
  return written;
}

void print_summary(const oriel::TcpInfo& info, std::size_t bytes, oriel::Duration took) {
  const double seconds = std::chrono::duration<double>(took).count();
  std::printf("received %zu bytes in %.2f s (%.0f Mbit/s), %s\n", bytes, seconds,
              static_cast<double>(bytes) * 8 / seconds / 1e6,
              std::string(oriel::to_string(info.state)).c_str());
  std::printf(
      "window scale sent %d, largest receive window %u bytes, srtt %.0f us, retransmits %llu\n",
      info.window_scale_sent, info.rcv_wnd_max,
      std::chrono::duration<double, std::micro>(info.srtt).count(),
      static_cast<unsigned long long>(info.segments_retransmitted));
}

int fail_with(const oriel::Error& error, int code) {
  std::fprintf(stderr, "oriel-http-get: %s\n", error.message().c_str());
  return code;
}

int run(char** argv, const char* pcap_path) {
  auto host = oriel::Host::create();
  if (!host) return fail_with(host.error(), 2);
  if (auto done = attach(*host, argv[1], argv[2], pcap_path); !done)
    return fail_with(done.error(), 2);
  auto server = oriel::Endpoint::parse(argv[3]);
  if (!server) return fail_with(server.error(), 2);
  File output(std::fopen(argv[5], "wb"));
  if (!output) {
    std::fprintf(stderr, "oriel-http-get: %s cannot be written\n", argv[5]);
    return 2;
  }
  auto socket = host->open_tcp();
  if (!socket) return fail_with(socket.error(), 1);
  const oriel::Instant start = wall_clock();
  if (auto done = socket->connect(*server, kConnectTimeout); !done)
    return fail_with(done.error(), 1);
  auto bytes = fetch(*socket, argv[4], output.get());
  if (!bytes) return fail_with(bytes.error(), 1);
  print_summary(socket->info(), *bytes, wall_clock() - start);
  socket->close();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6 && argc != 7) {
    std::fputs("usage: oriel-http-get LINK ADDRESS/BITS SERVER:PORT PATH OUTPUT [CAPTURE.pcap]\n",
               stderr);
    return 2;
  }
  return run(argv, argc == 7 ? argv[6] : nullptr);
}
