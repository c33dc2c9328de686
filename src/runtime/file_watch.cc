#include "runtime/file_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace oriel::runtime {
namespace {

namespace fs = std::filesystem;

// A directory that is made or moved may be on the way to a file.
constexpr std::uint32_t kMask = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM |
                                IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
constexpr std::size_t kEventsBytes = 4096;
constexpr int kReadsMax = 64;  ///< of one drain; what comes faster is read by the next

}  // namespace

FileWatch::FileWatch(std::vector<std::string> paths)
    : fd_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)), paths_(std::move(paths)) {
  if (fd_ >= 0) watch_all();
}

FileWatch::~FileWatch() {
  if (fd_ >= 0) ::close(fd_);
}

// Watches that are there already stay what they are.
void FileWatch::watch_all() {
  const auto before = std::exchange(names_, {});
  for (const std::string& path : paths_) {
    if (path.empty()) continue;
    std::error_code error;
    const fs::path whole = fs::absolute(path, error);
    if (error) continue;
    watch(whole.string());
    const fs::path target = fs::canonical(whole, error);
    if (!error && target != whole) watch(target.string());
  }
  for (const auto& [key, names] : before) {
    if (!names_.contains(key)) ::inotify_rm_watch(fd_, key);  // or it went with its directory
  }
}

// The first directory upwards that exists; of what is in it, the next name on the way counts.
void FileWatch::watch(const std::string& path) {
  fs::path child = path;
  while (child.has_relative_path()) {
    const fs::path directory = child.parent_path();
    const int key = ::inotify_add_watch(fd_, directory.c_str(), kMask);
    if (key >= 0) {
      names_[key].insert(child.filename().string());
      return;
    }
    child = directory;
  }
}

bool FileWatch::drain() {
  bool has_changed = false;
  alignas(inotify_event) std::byte events[kEventsBytes];
  for (int i = 0; i < kReadsMax; ++i) {
    const ::ssize_t bytes = ::read(fd_, events, sizeof events);
    if (bytes <= 0) break;
    for (std::size_t at = 0; at < static_cast<std::size_t>(bytes);) {
      inotify_event event{};
      std::memcpy(&event, events + at, sizeof event);
      const char* const name =
          event.len != 0 ? reinterpret_cast<const char*>(events + at + sizeof event) : "";
      const auto watched = names_.find(event.wd);
      const bool counts =
          *name == '\0' || (watched != names_.end() && watched->second.contains(name));
      has_changed = has_changed || counts;
      at += sizeof event + event.len;
    }
  }
  if (has_changed) watch_all();
  return has_changed;
}

}  // namespace oriel::runtime
