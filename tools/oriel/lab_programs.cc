// Each request starts the next; an error ends the chain and is kept.
#include "lab_programs.h"

namespace oriel::cli {
namespace {

constexpr std::size_t kChunkBytes = 256u << 10;

}  // namespace

void LabProgram::connect(Host& host, const Endpoint& to) {
  auto socket = host.open_tcp(options_);
  if (!socket) {
    error_ = socket.error();
    return;
  }
  socket_ = *socket;
  socket_.async_connect(to, [this](IoResult r) {
    if (r.error == ErrorCode::kOk)
      start();
    else
      error_ = Error(r.error);
  });
}

void LabProgram::listen(Host& host, std::uint16_t port) {
  ListenOptions options;
  options.tcp = options_;
  auto listener = host.listen_tcp({IpAddress::v4_any(), port}, options);
  if (!listener) {
    error_ = listener.error();
    return;
  }
  listener_ = *listener;
  listener_.async_accept([this](Result<TcpSocket> s) {
    if (!s) {
      error_ = s.error();
      return;
    }
    socket_ = *s;
    start();
  });
}

Source::Source() : bytes_(kChunkBytes, 0x5a) {}

void Source::start() {
  for (int i = 0; i < 2; ++i) send();
}

void Source::send() {
  socket_.async_send(bytes_, [this](IoResult r) {
    if (r.error == ErrorCode::kOk)
      send();
    else
      error_ = Error(r.error);
  });
}

Sink::Sink(const TcpOptionsForSocket& options) : LabProgram(options), buffer_(kChunkBytes) {}

void Sink::receive() {
  socket_.async_receive(buffer_, [this](IoResult r) {
    if (r.error != ErrorCode::kOk) {
      error_ = Error(r.error);
      return;
    }
    if (r.bytes == 0) return;
    received_ += r.bytes;
    receive();
  });
}

}  // namespace oriel::cli
