// One loopback for all of a user's processes: which of them serves a port, and the links to them.
//
//   find(tcp, 127.0.0.1:8080)
//        |  name t/8080/127.0.0.1, else t/8080/0.0.0.0, else the block of an ephemeral port
//        |  lease: a connection to the name, which says nothing and ends with it
//        v
//   the owner's pid --> Peer: one PeerLink to the name p/PID, for all that passes between the two
//
// No process asks another and waits: names are the kernel's, and their owner's credentials too. A
// peer's death closes its links and leases, whatever killed it. Everything that can happen is on
// one descriptor; `look` finds out. Thread: the host's owner.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "loopback/fd_watch.h"
#include "loopback/names.h"
#include "loopback/peer_link.h"
#include "loopback/port_names.h"
#include "oriel/time.h"

namespace oriel::loopback {

/// Connections by others to names of ours that say nothing: leases and those that just came.
inline constexpr std::size_t kGuestsMax = 4096;
/// Ports of others that are remembered; each costs both sides a descriptor.
inline constexpr std::size_t kLeasesMax = 256;
/// How long a datagram's port is believed to be served by whoever served it last.
inline constexpr Duration kTrustTime = std::chrono::milliseconds(10);
/// A look that finds nothing is not repeated before this.
inline constexpr Duration kLookInterval = std::chrono::microseconds(5);

/// Another process to which there is a link.
struct Peer {
  int pid = 0;
  std::shared_ptr<LinkState> state;
  std::unique_ptr<Device> device;  ///< until the host takes it
  int fd = -1;                     ///< of the device
  PeerLink* wire = nullptr;        ///< the device, whoever has it; it lives until `forget`
  std::uint32_t link = 0;          ///< the host's word for it; 0: not yet
  bool is_retired = false;         ///< nothing new goes there
};

class Domain final : private NameListener {
 public:
  /// Errors: kInvalidArgument (the name), kNoBuffers (descriptors), kAddressInUse (another user has
  /// the names of this process).
  static Result<std::unique_ptr<Domain>> join(std::string_view name);
  ~Domain();
  Domain(const Domain&) = delete;
  Domain& operator=(const Domain&) = delete;

  PortNames& ports() { return *ports_; }
  /// Readable when `look` has something to find.
  int poll_fd() const { return watch_->fd(); }
  /// Accepts, notices who is gone, and tells links that they have news. Never waits.
  void look(Instant now);

  /// From now on `poll_fd` and `look` tell also of that descriptor, whose owner looks after it.
  void watch_beside(int fd);
  /// It was readable at a look since the last time.
  bool take_news_beside() { return std::exchange(has_news_beside_, false); }

  /// Whether a name stays good for a while (datagrams), or is looked up now.
  enum class Trust : std::uint8_t { kNone, kAWhile };
  /// The peer that serves `to`; nullptr: nobody but this process may. `has_wildcard`: a wildcard of
  /// ours serves it unless another process holds that very address. Errors: kNoBuffers.
  Result<Peer*> find(Instant now, PortOf of, const Endpoint& to, bool has_wildcard, Trust trust);

  /// The pid of the other process that serves `to`; 0: none. Errors: kNoBuffers.
  Result<int> owner(PortOf of, const Endpoint& to) { return look_up(of, to, false); }
  /// A peer whose link the host does not know yet; nullptr: none. The host takes its device.
  Peer* take_arrival();
  Peer* peer_of_link(std::uint32_t link);
  /// The host has given up the link, or never had one.
  void forget(const Peer& peer);
  /// The host has nothing on the link: nothing new goes there, and it ends when the peer has
  /// nothing on it either.
  void retire(Peer& peer);

  /// Who asked for our connections; -1: nobody.
  int take_question();
  void answer(int question, std::vector<std::string> messages);

  /// In a child of fork: lets go of every name and link without touching them.
  void abandon();

 private:
  struct Guest {
    int name_fd = -1;  ///< the name that it came by
    runtime::UniqueFd fd;
    int pid = 0;
    bool is_answered = false;
    std::deque<std::string> answer;
  };
  struct Lease {
    runtime::UniqueFd fd;
    int pid = 0;
  };
  struct Key {
    PortOf of;
    Endpoint to;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Belief {
    int pid = 0;  ///< 0: this process
    Instant until;
  };

  explicit Domain(Names names);
  Result<void> open();
  void on_name_taken(int fd) override;
  void on_name_given_up(int fd) override;
  void on_event(const FdWatch::Event& event);
  void accept_all(int name_fd);
  void on_guest(const FdWatch::Event& event);
  void send_answer(Guest& guest);
  /// Whose the name is; 0: ours or nobody's.
  Result<int> owner_of(const std::string& name);
  Result<int> look_up(PortOf of, const Endpoint& to, bool has_wildcard);
  Result<Peer*> peer_of(int pid);
  Peer& add_peer(int pid, runtime::UniqueFd fd);
  void drop_lease(int fd);

  Names names_;
  std::shared_ptr<FdWatch> watch_;
  std::unique_ptr<PortNames> ports_;
  runtime::UniqueFd own_name_;
  runtime::UniqueFd spare_;  ///< given up for a moment when no descriptor is left
  std::vector<int> name_fds_;
  std::map<int, Guest> guests_;             // by descriptor
  std::map<int, Peer> peers_;               // by descriptor
  std::map<int, int> peer_fds_;             // by pid: the one that new connections take
  std::map<std::string, Lease> leases_;     // by name
  std::map<int, std::string> lease_names_;  // by descriptor
  std::map<Key, Belief> beliefs_;
  std::deque<int> arrivals_;  // descriptors of peers
  std::deque<int> questions_;
  Instant next_look_;
  int beside_ = -1;
  bool has_news_beside_ = false;
};

}  // namespace oriel::loopback
