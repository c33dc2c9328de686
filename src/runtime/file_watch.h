// Tells when one of a few files may have changed, come or gone.
//
// Files are replaced by renaming and need not be there yet, nor their directories; so it is
// directories that are watched (inotify): the file's own or the nearest that exists, and that of
// the file which a symbolic link leads to. It tells too often rather than too seldom; whoever hears
// it reads the files and compares.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace oriel::runtime {

/// Thread: one.
class FileWatch {
 public:
  /// Empty paths are left out.
  explicit FileWatch(std::vector<std::string> paths);
  ~FileWatch();
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;

  /// Readable when `drain` has something to look at; -1: the kernel gives out no more watches.
  int fd() const { return fd_; }

  /// Takes what happened since the last time, without waiting. True: one of the files may be
  /// another now; what is read after this is not older than that.
  bool drain();

 private:
  void watch_all();
  void watch(const std::string& path);

  int fd_ = -1;
  std::vector<std::string> paths_;
  std::map<int, std::set<std::string>> names_;  ///< by watched directory: what counts in it
};

}  // namespace oriel::runtime
