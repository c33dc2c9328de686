// The machine's own loopback as part of ours: the kernel's ports that this process holds beside its
// own, connections and datagrams of native programs to them, and ours to native programs.
//
// A wildcard of ours holds 127.0.0.1 and ::1 there and nothing more: other machines reach a program
// on Oriel only where it is published. With each port goes a name for all of a user's processes,
// whatever their domain (names.h): so a port that another domain has in the kernel is known from
// one that a native program has, and domains stay apart. Thread: the host's owner.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "loopback/fd_watch.h"
#include "loopback/kernel_datagrams.h"
#include "loopback/kernel_stream.h"
#include "loopback/names.h"
#include "loopback/port_names.h"
#include "oriel/link.h"

namespace oriel::loopback {

/// Who has the kernel's port beside one of ours.
enum class KernelPort : std::uint8_t {
  kHeld,       ///< this process
  kPublished,  ///< a way into this process that the link has made
  kElsewhere,  ///< another process on Oriel: of another domain, or one that shares the port
  kDenied,     ///< the kernel gives it to nobody of us: below 1024, no ::1, no descriptor to spare
  kNative,     ///< a native program
};

class KernelNet final : private KernelStreamOwner {
 public:
  /// `published`: the machine's ports that lead into this process by another way.
  explicit KernelNet(std::vector<PublishedPort> published);
  ~KernelNet();
  KernelNet(const KernelNet&) = delete;
  KernelNet& operator=(const KernelNet&) = delete;

  int poll_fd() const { return watch_.fd(); }
  /// Notices what happened to connections, who calls, and what came. Never waits.
  void look();

  /// Counts one holder of the kernel's port beside `local`, a loopback address or wildcard.
  /// kNative: nothing is held, and nothing is to be released.
  KernelPort hold(PortOf of, const Endpoint& local);
  void release(PortOf of, const Endpoint& local);
  /// Takes connections there from now on. Requires: held.
  void listen(const Endpoint& local);
  /// Whether native programs can reach what is bound there; TCP: and listens.
  bool is_reached(PortOf of, const Endpoint& local) const;

  /// `local`: bound there before. Errors: as KernelStream::begin_connect; kConnectionRefused also
  /// where another process on Oriel has the port.
  Result<KernelStream*> connect(const std::optional<Endpoint>& local, const Endpoint& remote);
  /// A connection by a native program, established; nullptr: none.
  KernelStream* take_arrival();

  /// A datagram to a native program from a port of ours. False: nobody there, or it cannot go.
  bool send_datagram(const Endpoint& from, const Endpoint& to, ByteView payload);
  /// One from a native program; good until the next is taken.
  std::optional<KernelDatagram> take_datagram();
  struct Refusal {
    Endpoint from;
    Endpoint to;
  };
  /// A datagram of ours that was not wanted, where that came late.
  std::optional<Refusal> take_refusal();

  bool has_work() const { return !ready_.empty(); }
  /// Services each stream that is ready now, once.
  void run(Instant now);
  void abort_all(Instant now, ErrorCode reason);
  /// In a child of fork.
  void abandon();

  std::size_t size() const { return streams_.size(); }
  template <class F>
  void for_each(F&& f) const {
    for (const auto& [fd, stream] : streams_) f(*stream);
  }

 private:
  struct Key {
    PortOf of;
    Endpoint at;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Port {
    KernelPort state = KernelPort::kDenied;
    runtime::UniqueFd name;  ///< goes after the descriptor: until then it says whose that is
    runtime::UniqueFd fd;
    std::uint32_t holders = 0;
    bool is_listening = false;
  };
  /// Wildcards stand for the usual loopback address there.
  static Endpoint kernel_side(const Endpoint& local);
  bool is_published(const Key& key) const;
  /// Some process on Oriel has that port in the kernel.
  bool is_on_oriel(PortOf of, const Endpoint& at) const;
  runtime::UniqueFd turn_at(const Key& key) const;
  Port open(const Key& key);
  void next_readable();
  KernelStream& add(KernelStream::Setup setup);
  void accept_all(int listener);
  void on_kernel_stream_work(KernelStream& stream) override;

  std::vector<PublishedPort> published_;
  Names names_;
  const std::size_t held_max_;  ///< ports with a descriptor, of which there are `held_`
  std::size_t held_ = 0;
  runtime::UniqueFd spare_;  ///< given up for a moment when no descriptor is left
  FdWatch watch_;
  std::map<Key, Port> ports_;
  std::map<int, Key> by_fd_;                              // held: listening TCP, and UDP
  std::map<int, std::unique_ptr<KernelStream>> streams_;  // by the descriptor that each began with
  std::deque<KernelStream*> arrivals_;
  std::deque<KernelStream*> ready_;
  std::deque<int> readable_;  // UDP
  int taken_of_front_ = 0;
  std::deque<Refusal> refusals_;
  std::vector<std::uint8_t> buffer_;  // of a datagram
};

}  // namespace oriel::loopback
