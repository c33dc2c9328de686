// One array a thread is remembered, with the few words that tell of its sockets.
#include "winsock/quiet_poll.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "stack/process_host.h"

namespace oriel::winsock {
namespace {

/// Below that the usual look is fast enough, and remembering would cost more than it saves.
constexpr ULONG kSocketsMin = 4;

struct QuietLook {
  std::vector<WSAPOLLFD> fds;  // as the program had them, nothing returned
  std::vector<socket::QuietWord> words;
  std::shared_ptr<std::atomic<std::uint64_t>> turns;
  std::uint64_t turn = 0;
};

thread_local std::unique_ptr<QuietLook> last_look;

// What a word was before the first of its sockets was watched holds for all of them.
void keep(QuietLook& look, socket::QuietWord&& quiet) {
  const auto is_same = [&](const socket::QuietWord& w) { return w.word == quiet.word; };
  if (std::none_of(look.words.rbegin(), look.words.rend(), is_same)) {
    look.words.push_back(std::move(quiet));
  }
}

}  // namespace

bool is_still_quiet(const WSAPOLLFD* fds, ULONG count) {
  if (count < kSocketsMin || stack::ProcessHost::is_forked()) return false;
  const QuietLook* const last = last_look.get();
  if (last == nullptr || last->fds.size() != count) return false;
  if (last->turns->load(std::memory_order_acquire) != last->turn) return false;
  if (std::memcmp(last->fds.data(), fds, count * sizeof *fds) != 0) return false;
  return std::all_of(last->words.begin(), last->words.end(), [](const socket::QuietWord& w) {
    return w.word->load(std::memory_order_acquire) == w.seen;
  });
}

void remember_quiet(const WSAPOLLFD* fds, ULONG count, const ReadyList& list) {
  last_look.reset();
  if (count < kSocketsMin || list.empty()) return;
  auto look = std::make_unique<QuietLook>();
  for (ULONG i = 0; i < count; ++i) {
    Socket* const socket = list.socket(i);
    if (socket == nullptr || (fds[i].events & ~POLLRDNORM) != 0) return;
    socket::StreamSocket* const stream = socket->stream();
    socket::QuietWord quiet;
    if (stream == nullptr || stream->transport() == nullptr ||
        !stream->transport()->watch_quiet(quiet)) {
      return;
    }
    keep(*look, std::move(quiet));
  }
  stack::Runner* const runner = list.socket(0)->host().runner();
  if (runner == nullptr) return;
  look->fds.assign(fds, fds + count);
  look->turns = runner->turns();
  look->turn = look->turns->load(std::memory_order_relaxed);
  last_look = std::move(look);
}

}  // namespace oriel::winsock
