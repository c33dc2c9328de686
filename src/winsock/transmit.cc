// TransmitFile and TransmitPackets: memory and files as one overlapped send.
//
//   parts: head | file | tail      memory in a row goes as one request; a file in pieces:
//   reader's thread reads one -> turn: submit -> taken -> next piece
//
// A call ends when the transport has taken the last byte (then our side is shut, if asked for), or
// with the connection for TF_REUSE_SOCKET. A file that is shorter than asked for ends early, with
// the bytes that there were. Datagram sockets are refused.
#include <algorithm>
#include <vector>

#include "win32/disk_file.h"
#include "winsock/disconnect_steps.h"
#include "winsock/extension_call.h"
#include "winsock/extensions.h"
#include "winsock/file_reader.h"

namespace oriel::winsock {
namespace {

constexpr std::size_t kPieceBytes = 64u << 10;
constexpr DWORD kBytesMax = 2'147'483'646;  // documented, of one call
constexpr DWORD kPartsMax = 65536;          // ours, of one call

struct Part {
  ByteSpan memory;
  win32::Ref<win32::DiskFile> file;  // or empty: `memory`
  std::uint64_t offset = 0;
  std::uint64_t left = 0;
};
using Parts = std::vector<Part>;

class TransmitOperation final : public Operation, private ReadJob {
 public:
  TransmitOperation(win32::Ref<Socket> socket, const OverlappedArguments& how, Parts parts,
                    DWORD flags)
      : Operation(std::move(socket), how), parts_(std::move(parts)), flags_(flags) {
    kind = Kind::kSend;
  }

  void cancel(stack::Core& core) override {
    is_cancelled_ = true;  // a piece that is being read is not sent any more
    if (!is_reading_) Operation::cancel(core);
  }
  void start() {
    if (!begin_next()) complete(ErrorCode::kOk);
  }

 private:
  bool go_on() override {
    if (reuse_.is_begun()) return false;
    total_ += std::exchange(done, 0);
    return begin_next();
  }
  void on_end() override {
    total_ += reuse_.is_begun() ? 0 : done;
    if (reuse_.is_begun()) reuse_.end(core(), socket(), *this);
    done = total_;
  }

  stack::Core& core() const { return socket().host().core(); }

  // False: there is no next step.
  bool begin_next() {
    if (at_ == parts_.size()) return begin_end();
    if (parts_[at_].file) {
      is_reading_ = true;
      if (queue_read(*this)) return true;
      is_reading_ = false;
      error = ErrorCode::kNoBuffers;
      return false;
    }
    spans_.clear();
    std::size_t bytes = 0;
    for (; at_ < parts_.size() && !parts_[at_].file; ++at_) {
      spans_.push_back(parts_[at_].memory);
      bytes += parts_[at_].memory.size();
    }
    send(bytes);
    return true;
  }

  bool begin_end() {
    if (socket().stream() == nullptr || (flags_ & TF_DISCONNECT) == 0) return false;
    if ((flags_ & TF_REUSE_SOCKET) != 0) {
      reuse_.begin(core(), socket(), *this);
      return true;
    }
    (void)socket().stream()->shutdown_send(core().now());
    return false;
  }

  void send(std::size_t bytes) {
    pieces = spans_.data();
    piece = 0;
    piece_done = 0;
    done = 0;
    size = bytes;
    socket().stream()->submit(core().now(), *this);
  }

  void read() override {
    Part& part = parts_[at_];
    if (piece_ == nullptr) piece_ = std::make_unique<std::uint8_t[]>(kPieceBytes);
    const std::size_t wanted = std::min<std::uint64_t>(part.left, kPieceBytes);
    const std::int64_t n = part.file->read_at(part.offset, piece_.get(), wanted);
    const win32::Ref<Socket> keep(&socket());  // until the turn is over
    Turn turn(keep->host());
    is_reading_ = false;
    if (is_cancelled_ || keep->stream() == nullptr) return complete(ErrorCode::kCancelled);
    if (n < 0) return complete(ErrorCode::kInvalidArgument);
    part.offset += static_cast<std::uint64_t>(n);
    part.left -= static_cast<std::uint64_t>(n);
    if (n == 0 || part.left == 0) ++at_;
    if (n == 0) return start();
    spans_.assign(1, ByteSpan(piece_.get(), static_cast<std::size_t>(n)));
    send(static_cast<std::size_t>(n));
  }

  Parts parts_;
  const DWORD flags_;
  std::size_t at_ = 0;
  std::vector<ByteSpan> spans_;
  std::unique_ptr<std::uint8_t[]> piece_;
  std::size_t total_ = 0;
  ReuseStep reuse_;
  bool is_reading_ = false;
  bool is_cancelled_ = false;
};

int add_memory(const void* bytes, DWORD count, Parts& parts) {
  if (count == 0) return 0;
  if (is_bad_pointer(bytes)) return WSAEFAULT;
  Part part;
  part.memory = ByteSpan(const_cast<std::uint8_t*>(static_cast<const std::uint8_t*>(bytes)), count);
  parts.push_back(std::move(part));
  return 0;
}

// `count` 0: to its end. `offset` below 0: from its position.
int add_file(HANDLE handle, std::int64_t offset, DWORD count, Parts& parts) {
  Part part;
  part.file = win32::handles().find_as<win32::DiskFile>(handle);
  if (!part.file) return WSA_INVALID_HANDLE;
  part.offset = offset < 0 ? part.file->position() : static_cast<std::uint64_t>(offset);
  part.left = count == 0 ? ~std::uint64_t{0} : count;
  parts.push_back(std::move(part));
  return 0;
}

int check_flags(DWORD flags) {
  return (flags & (TF_REUSE_SOCKET | TF_DISCONNECT)) == TF_REUSE_SOCKET ? WSAEINVAL : 0;
}

int transmit(const win32::Ref<Socket>& socket, Parts parts, DWORD flags, LPOVERLAPPED overlapped) {
  if (!socket->is_stream()) return WSAEOPNOTSUPP;
  const OverlappedArguments how{overlapped, nullptr, nullptr};
  return run_operation(*socket, how, [&](Turn&, const OverlappedArguments& how_now) -> int {
    if (const int e = socket->send_refusal(); e != 0) return e;
    if (socket->stream()->is_send_shut()) return WSAESHUTDOWN;
    auto operation = std::make_unique<TransmitOperation>(socket, how_now, std::move(parts), flags);
    TransmitOperation& self = *operation;
    return Operation::issue(std::move(operation), [&](Operation&) { self.start(); });
  });
}

int transmit_file_call(SOCKET s, HANDLE file, DWORD bytes, LPOVERLAPPED overlapped,
                       const TRANSMIT_FILE_BUFFERS* buffers, DWORD flags) {
  const auto socket = find_socket(s);
  if (!socket) return no_socket_error();
  if (const int e = check_flags(flags); e != 0) return e;
  if (bytes > kBytesMax) return WSAEINVAL;
  if (buffers != nullptr && is_bad_pointer(buffers)) return WSAEFAULT;
  if (overlapped != nullptr && is_bad_pointer(overlapped)) return WSAEFAULT;
  Parts parts;
  if (buffers != nullptr) {
    if (const int e = add_memory(buffers->Head, buffers->HeadLength, parts); e != 0) return e;
  }
  if (file != nullptr) {
    const std::int64_t offset =
        overlapped == nullptr
            ? -1
            : static_cast<std::int64_t>(std::uint64_t{overlapped->OffsetHigh} << 32 |
                                        overlapped->Offset);
    if (const int e = add_file(file, offset, bytes, parts); e != 0) return e;
  }
  if (buffers != nullptr) {
    if (const int e = add_memory(buffers->Tail, buffers->TailLength, parts); e != 0) return e;
  }
  return transmit(socket, std::move(parts), flags, overlapped);
}

int transmit_packets_call(SOCKET s, const TRANSMIT_PACKETS_ELEMENT* elements, DWORD count,
                          LPOVERLAPPED overlapped, DWORD flags) {
  const auto socket = find_socket(s);
  if (!socket) return no_socket_error();
  if (const int e = check_flags(flags); e != 0) return e;
  if (count > kPartsMax) return WSAEINVAL;
  if (count != 0 && is_bad_pointer(elements)) return WSAEFAULT;
  Parts parts;
  for (DWORD i = 0; i < count; ++i) {
    const TRANSMIT_PACKETS_ELEMENT& element = elements[i];
    const DWORD kind = element.dwElFlags & ~DWORD{TP_ELEMENT_EOP};  // which streams do not show
    int e = WSAEINVAL;
    if (kind == TP_ELEMENT_MEMORY) e = add_memory(element.pBuffer, element.cLength, parts);
    if (kind == TP_ELEMENT_FILE) {
      e = add_file(element.hFile, element.nFileOffset.QuadPart, element.cLength, parts);
    }
    if (e != 0) return e;
  }
  return transmit(socket, std::move(parts), flags, overlapped);
}

}  // namespace

// The sizes of sends are the transport's business: `bytes_per_send` is a hint that needs no
// obedience.
BOOL PASCAL transmit_file(SOCKET s, HANDLE file, DWORD bytes, DWORD /*bytes_per_send*/,
                          LPOVERLAPPED overlapped, LPTRANSMIT_FILE_BUFFERS buffers, DWORD flags) {
  return end_extension(transmit_file_call(s, file, bytes, overlapped, buffers, flags));
}

BOOL PASCAL transmit_packets(SOCKET s, LPTRANSMIT_PACKETS_ELEMENT elements, DWORD count,
                             DWORD /*send_bytes*/, LPOVERLAPPED overlapped, DWORD flags) {
  return end_extension(transmit_packets_call(s, elements, count, overlapped, flags));
}

}  // namespace oriel::winsock
