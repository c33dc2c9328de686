#include "settings/locked_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "settings/toml_entries.h"

namespace oriel::settings {
namespace {

constexpr ::mode_t kNewFileMode = 0666;  // less what the process's mask takes away
constexpr ::mode_t kModeBits = 07777;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

Failure failed(const std::string& path, const std::string& what, int error) {
  const bool is_right = error == EACCES || error == EPERM || error == EROFS;
  return fail(
      is_right ? ErrorCode::kPermissionDenied : ErrorCode::kNotFound,
      "the file '" + path + "' cannot be " + what + ": " + std::generic_category().message(error));
}

Result<std::string> read_all(int fd, const std::string& path) {
  std::string text;
  char piece[4096];
  while (text.size() <= kTomlBytesMax) {
    const ::ssize_t n = ::read(fd, piece, sizeof piece);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed(path, "read", errno);
    if (n == 0) break;
    text.append(piece, static_cast<std::size_t>(n));
  }
  return text;
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ::ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

/// Where the file itself lies, if `path` is a symbolic link.
std::string target_of(const std::string& path) {
  std::error_code error;
  const std::filesystem::path target = std::filesystem::canonical(path, error);
  return error ? path : target.string();
}

/// The new file beside the old one, complete and on the disk.
Result<void> write_beside(int directory, const std::string& path, const std::string& name,
                          std::string_view text) {
  struct stat old {};
  const bool is_there = ::stat(path.c_str(), &old) == 0;
  if (is_there && !S_ISREG(old.st_mode)) {
    return fail(ErrorCode::kNotSupported, "'" + path + "' is no file that can be replaced");
  }
  if (is_there && ::access(path.c_str(), W_OK) != 0) return failed(path, "written", errno);
  ::unlinkat(directory, name.c_str(), 0);  // left by a writer that was killed
  const Descriptor file(::openat(directory, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                                 is_there ? old.st_mode & kModeBits : kNewFileMode));
  if (file.get() < 0) return failed(path, "written", errno);
  if (is_there) {
    struct stat made {};
    const bool is_owned =
        ::fstat(file.get(), &made) == 0 && made.st_uid == old.st_uid && made.st_gid == old.st_gid;
    if (!is_owned && ::fchown(file.get(), old.st_uid, old.st_gid) != 0) {
      return fail(ErrorCode::kPermissionDenied,
                  "the file '" + path +
                      "' belongs to another user or group, and would not any more: let its owner "
                      "change it");
    }
    if (::fchmod(file.get(), old.st_mode & kModeBits) != 0) return failed(path, "written", errno);
  }
  if (!write_all(file.get(), text) || ::fsync(file.get()) != 0) {
    return failed(path, "written", errno);
  }
  return {};
}

}  // namespace

Result<FileText> read_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return FileText{};
    return failed(path, "read", errno);
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return failed(path, "read", errno);
  if (S_ISDIR(status.st_mode)) return failed(path, "read", EISDIR);
  auto text = read_all(file.get(), path);
  if (!text) return Failure(text.error());
  return FileText{true, std::move(*text)};
}

Result<void> edit_file(const std::string& path,
                       const std::function<Result<std::string>(std::string_view)>& edit) {
  const std::filesystem::path target = target_of(path);
  const std::filesystem::path parent =
      target.has_parent_path() ? target.parent_path() : std::filesystem::path(".");
  std::error_code error;
  std::filesystem::create_directories(parent, error);
  const Descriptor directory(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0) return failed(path, "written", error ? error.value() : errno);
  if (::flock(directory.get(), LOCK_EX) != 0) return failed(path, "locked", errno);
  const auto before = read_file(target.string());
  if (!before) return Failure(before.error());
  const auto after = edit(before->text);
  if (!after) return Failure(after.error());
  if (before->text == *after) return {};
  const std::string name = "." + target.filename().string() + ".new";
  auto done = write_beside(directory.get(), target.string(), name, *after);
  if (done &&
      ::renameat(directory.get(), name.c_str(), directory.get(), target.filename().c_str()) != 0) {
    done = failed(path, "written", errno);
  }
  if (!done) {
    ::unlinkat(directory.get(), name.c_str(), 0);
    return done;
  }
  ::fsync(directory.get());  // best effort: the text itself is on the disk
  return {};
}

}  // namespace oriel::settings
