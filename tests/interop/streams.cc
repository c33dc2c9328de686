// The verbs over TCP, all with blocking calls, as a plain program would be written.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "interop_host.h"

namespace oriel::interop {
namespace {

constexpr std::size_t kReadBytes = 256 * 1024;
constexpr std::size_t kQuestionBytes = 8;
using Question = std::array<std::uint8_t, kQuestionBytes>;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

std::uint16_t port_of(const std::string& word) {
  return static_cast<std::uint16_t>(std::atoi(word.c_str()));
}

Result<TcpListener> listen_everywhere(Host& host, const std::string& port) {
  ListenOptions options;
  options.backlog = 512;
  return host.listen_tcp({IpAddress::v6_any(), port_of(port)}, options);  // both families
}

Result<TcpSocket> connect_to(Host& host, const Endpoint& remote) {
  auto socket = host.open_tcp();
  if (!socket) return socket;
  if (auto done = socket->connect(remote); !done) return tl::unexpected(done.error());
  return socket;
}

// Exactly `into.size()` bytes; the end of the stream before that is an error.
Result<void> receive_exactly(TcpSocket& socket, ByteSpan into) {
  while (!into.empty()) {
    auto bytes = socket.receive(into);
    if (!bytes) return tl::unexpected(bytes.error());
    if (*bytes == 0) return fail(ErrorCode::kMalformed, "the stream ended too early");
    into = into.subspan(*bytes);
  }
  return {};
}

Result<void> ask(Host& host, const Endpoint& remote, std::uint8_t mark) {
  auto socket = connect_to(host, remote);
  if (!socket) return tl::unexpected(socket.error());
  Question question;
  question.fill(mark);
  if (auto sent = socket->send(question); !sent) return tl::unexpected(sent.error());
  Question answer{};
  if (auto got = receive_exactly(*socket, answer); !got) return got;
  socket->close();
  if (answer != question) return fail(ErrorCode::kMalformed, "the answer is not what was asked");
  return {};
}

Result<void> answer_one(TcpListener& listener) {
  auto socket = listener.accept();
  if (!socket) return tl::unexpected(socket.error());
  Question question{};
  if (auto got = receive_exactly(*socket, question); !got) return got;
  if (auto sent = socket->send(question); !sent) return tl::unexpected(sent.error());
  std::uint8_t more = 0;
  auto end = socket->receive({&more, 1});
  if (!end) return tl::unexpected(end.error());
  if (*end != 0) return fail(ErrorCode::kMalformed, "more came than one question");
  socket->close();
  return {};
}

}  // namespace

int send_file(Host& host, const Words& words) {
  auto remote = Endpoint::parse(words[0]);
  if (!remote) return fail_with(words[0], remote.error());
  File file(std::fopen(words[1].c_str(), "rb"));
  if (!file) return fail_with(words[1], ErrorCode::kNotFound);
  say_ready();
  auto socket = connect_to(host, *remote);
  if (!socket) return fail_with("connect", socket.error());
  std::vector<std::uint8_t> buffer(kReadBytes);
  while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
    auto sent = socket->send(ByteView(buffer).first(n));
    if (!sent) return fail_with("send", sent.error());
  }
  if (auto done = socket->shutdown_send(); !done) return fail_with("shutdown", done.error());
  auto end = socket->receive(buffer);
  if (!end) return fail_with("waiting for the end", end.error());
  return *end == 0 ? 0 : fail_with("waiting for the end", ErrorCode::kMalformed);
}

int receive_file(Host& host, const Words& words) {
  File file(std::fopen(words[1].c_str(), "wb"));
  if (!file) return fail_with(words[1], ErrorCode::kNotFound);
  auto listener = listen_everywhere(host, words[0]);
  if (!listener) return fail_with("listen", listener.error());
  say_ready();
  auto socket = listener->accept();
  if (!socket) return fail_with("accept", socket.error());
  std::vector<std::uint8_t> buffer(kReadBytes);
  while (true) {
    auto bytes = socket->receive(buffer);
    if (!bytes) return fail_with("receive", bytes.error());
    if (*bytes == 0) break;
    std::fwrite(buffer.data(), 1, *bytes, file.get());
  }
  socket->close();
  return 0;
}

int short_client(Host& host, const Words& words) {
  auto remote = Endpoint::parse(words[0]);
  if (!remote) return fail_with(words[0], remote.error());
  say_ready();
  const int count = std::atoi(words[1].c_str());
  for (int i = 0; i < count; ++i) {
    auto done = ask(host, *remote, static_cast<std::uint8_t>(i));
    if (!done) return fail_with("connection " + std::to_string(i), done.error());
  }
  return 0;
}

int short_server(Host& host, const Words& words) {
  auto listener = listen_everywhere(host, words[0]);
  if (!listener) return fail_with("listen", listener.error());
  say_ready();
  const int count = std::atoi(words[1].c_str());
  for (int i = 0; i < count; ++i) {
    auto done = answer_one(*listener);
    if (!done) return fail_with("connection " + std::to_string(i), done.error());
  }
  return 0;
}

}  // namespace oriel::interop
