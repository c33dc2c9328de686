// Received bytes that a client reads where they lie: the list of WSK_DATA_INDICATIONs of one
// WskReceiveEvent, and what keeps the bytes for as long as the client has it.
//
//   list:  | entry: WSK_DATA_INDICATION, MDL, slice | entry | ... |  one block of memory
//            ^ what the client sees, and names in WskRelease
//
// The slices share the blocks that the packets arrived in, so no byte is copied. Their counts are
// the host's owner's: `fill` and `clear` need a turn.
#pragma once

#include <wsk.h>

#include <array>
#include <cstddef>

#include "base/buffer.h"
#include "runtime/ref.h"
#include "socket/stream_socket.h"
#include "socket/udp_socket.h"
#include "wsk/mdl_chain.h"

namespace oriel::wsk {

class Socket;

/// Runs of bytes, and bytes of them together, that one callback is told of.
inline constexpr std::size_t kIndicatedRunsMax = 16;
inline constexpr std::size_t kIndicatedBytesMax = 256u << 10;
/// Bytes that the client of one socket holds back before it is told of no more; half of them, and
/// it is asked to be quick.
inline constexpr std::size_t kRetainedBytesMax = 1u << 20;

/// Whose a list is while it is not empty. A client that keeps one may release it before the
/// callback that it came with has returned.
enum class ListState : std::uint8_t { kCalling, kRetained, kReleased };

class DataIndications {
 public:
  DataIndications();
  ~DataIndications();
  DataIndications(const DataIndications&) = delete;
  DataIndications& operator=(const DataIndications&) = delete;
  /// The list that a client names by its first entry; nullptr: it is none of ours.
  static DataIndications* from(PWSK_DATA_INDICATION shown);

  // All below: inside a turn.
  /// Lends what is readable, to a client of `owner`. Returns bytes; 0: nothing. Requires: empty.
  std::size_t fill(runtime::Ref<Socket> owner, const socket::StreamSocket& stream,
                   BufferPool& pool);
  PWSK_DATA_INDICATION shown() { return &entries_[0].shown; }
  std::size_t bytes() const { return bytes_; }
  const runtime::Ref<Socket>& owner() const { return owner_; }
  void clear();

  ListState state = ListState::kReleased;

 private:
  struct Entry {
    WSK_DATA_INDICATION shown{};
    MDL mdl{};
    DataIndications* list = nullptr;
  };
  std::array<Entry, kIndicatedRunsMax> entries_;
  std::array<Slice, kIndicatedRunsMax> slices_;
  std::size_t runs_ = 0;
  std::size_t bytes_ = 0;
  runtime::Ref<Socket> owner_;
};

/// The same for datagrams: one run each, with its sender.
class DatagramIndications {
 public:
  DatagramIndications();
  ~DatagramIndications();
  DatagramIndications(const DatagramIndications&) = delete;
  DatagramIndications& operator=(const DatagramIndications&) = delete;
  static DatagramIndications* from(PWSK_DATAGRAM_INDICATION shown);

  // All below: inside a turn.
  /// Takes the datagrams that wait. Returns their number. Requires: empty.
  std::size_t fill(runtime::Ref<Socket> owner, socket::UdpSocket& datagrams);
  PWSK_DATAGRAM_INDICATION shown() { return &entries_[0].shown; }
  /// What holding it costs.
  std::size_t bytes() const { return bytes_; }
  const runtime::Ref<Socket>& owner() const { return owner_; }
  void clear();

  ListState state = ListState::kReleased;

 private:
  struct Entry {
    WSK_DATAGRAM_INDICATION shown{};
    MDL mdl{};
    DatagramIndications* list = nullptr;
    sockaddr_in6 from{};
  };
  std::array<Entry, kIndicatedRunsMax> entries_;
  std::array<Slice, kIndicatedRunsMax> slices_;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
  runtime::Ref<Socket> owner_;
};

}  // namespace oriel::wsk
