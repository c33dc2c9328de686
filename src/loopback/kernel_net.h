// The machine's own loopback as part of ours: the kernel's ports that this process holds beside its
// own, connections by native programs to them, and connections to native programs.
//
// A wildcard of ours holds 127.0.0.1 and ::1 there and nothing more: other machines reach a program
// on Oriel only where it is published. Thread: the host's owner.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "loopback/fd_watch.h"
#include "loopback/kernel_stream.h"

namespace oriel::loopback {

class KernelNet final : private KernelStreamOwner {
 public:
  /// `published`: the machine's ports that lead into this process by another way.
  explicit KernelNet(std::vector<std::uint16_t> published) : published_(std::move(published)) {}
  ~KernelNet();
  KernelNet(const KernelNet&) = delete;
  KernelNet& operator=(const KernelNet&) = delete;

  int poll_fd() const { return watch_.fd(); }
  /// Notices what happened to connections and who calls. Never waits.
  void look();

  /// The kernel's port beside `local`, a loopback address or wildcard. Errors: kAddressInUse: a
  /// native program, or another domain's, has it. What the kernel denies is no error.
  Result<void> hold(const Endpoint& local);
  void release(const Endpoint& local);
  /// Takes connections there from now on. Requires: held.
  void listen(const Endpoint& local);
  /// Whether native programs can reach what is bound there.
  bool is_reached(const Endpoint& local) const { return ports_.contains(kernel_side(local)); }

  /// Errors: as KernelStream::begin_connect.
  Result<KernelStream*> connect(const std::optional<Endpoint>& local, const Endpoint& remote);
  /// A connection by a native program, established; nullptr: none.
  KernelStream* take_arrival();

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
  struct Port {
    runtime::UniqueFd fd;
    std::uint32_t holders = 0;
    bool is_listening = false;
  };
  /// Wildcards stand for the usual loopback address there.
  static Endpoint kernel_side(const Endpoint& local);
  KernelStream& add(KernelStream::Setup setup);
  void accept_all(int listener);
  void on_kernel_stream_work(KernelStream& stream) override;

  std::vector<std::uint16_t> published_;
  FdWatch watch_;
  std::map<Endpoint, Port> ports_;
  std::map<int, Endpoint> listening_;                     // by descriptor
  std::map<int, std::unique_ptr<KernelStream>> streams_;  // by the descriptor that each began with
  std::deque<KernelStream*> arrivals_;
  std::deque<KernelStream*> ready_;
};

}  // namespace oriel::loopback
