// Files of the machine under Windows' calls; a backslash in a name separates as a slash does.
#include <fcntl.h>
#include <fileapi.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "win32/arguments.h"
#include "win32/disk_file.h"
#include "win32/last_error.h"
#include "win32/utf8.h"

using namespace oriel;
using namespace oriel::win32;

namespace {

std::string path_of(std::string name) {
  std::replace(name.begin(), name.end(), '\\', '/');
  return name;
}

template <class T>
T fail_with_errno(T result) {
  return fail_with(win32_error_of_errno(errno), result);
}

/// open's flags for a disposition; -1: there is no such disposition.
int flags_of(DWORD disposition) {
  switch (disposition) {
    case CREATE_NEW:
      return O_CREAT | O_EXCL;
    case CREATE_ALWAYS:
      return O_CREAT | O_TRUNC;
    case OPEN_EXISTING:
      return 0;
    case OPEN_ALWAYS:
      return O_CREAT;
    case TRUNCATE_EXISTING:
      return O_TRUNC;
    default:
      return -1;
  }
}

int access_of(DWORD access) {
  const bool may_read = (access & (GENERIC_READ | GENERIC_ALL | FILE_READ_DATA)) != 0;
  const bool may_write =
      (access & (GENERIC_WRITE | GENERIC_ALL | FILE_WRITE_DATA | FILE_APPEND_DATA)) != 0;
  if (may_write) return may_read ? O_RDWR : O_WRONLY;
  return O_RDONLY;
}

Ref<DiskFile> file_of(HANDLE handle) {
  const Ref<FileObject> object = object_of<FileObject>(handle);
  if (!object) return nullptr;
  if (!DiskFile::is_kind(object->kind())) return fail_with(ERROR_INVALID_HANDLE, Ref<DiskFile>());
  return Ref<DiskFile>(static_cast<DiskFile*>(object.get()));
}

bool size_of(DiskFile& file, std::int64_t& size) {
  struct stat status {};
  if (::fstat(file.fd(), &status) != 0) return fail_with_errno(false);
  size = status.st_size;
  return true;
}

DWORD attributes_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return fail_with_errno(INVALID_FILE_ATTRIBUTES);
  if (S_ISDIR(status.st_mode)) return FILE_ATTRIBUTE_DIRECTORY;
  return (status.st_mode & S_IWUSR) != 0 ? FILE_ATTRIBUTE_ARCHIVE
                                         : FILE_ATTRIBUTE_ARCHIVE | FILE_ATTRIBUTE_READONLY;
}

std::string temporary_folder() {
  const char* folder = std::getenv("TMPDIR");
  std::string path = folder != nullptr && *folder != 0 ? folder : "/tmp";
  if (path.back() != '/') path += '/';
  return path;
}

/// "folder/preXXXX.tmp", made empty unless `unique` names it. Empty: the last error is set.
std::string temporary_name(const std::string& folder, const std::string& prefix, UINT& unique) {
  const bool is_given = unique != 0;
  for (UINT tries = 0; tries < 0xFFFF; ++tries) {
    if (!is_given) unique = (static_cast<UINT>(::getpid()) * 31 + tries) % 0xFFFF + 1;
    char digits[16];
    std::snprintf(digits, sizeof digits, "%x.tmp", unique & 0xFFFF);
    const std::string separator = folder.empty() || folder.back() == '/' ? "" : "/";
    const std::string name = folder + separator + prefix.substr(0, 3) + digits;
    if (is_given) return name;
    const int fd = ::open(name.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0) {
      ::close(fd);
      return name;
    }
    if (errno != EEXIST) break;
  }
  return fail_with_errno(std::string());
}

}  // namespace

HANDLE CreateFileA(LPCSTR name, DWORD access, DWORD, LPSECURITY_ATTRIBUTES, DWORD disposition,
                   DWORD flags, HANDLE) {
  const int how = flags_of(disposition);
  if (name == nullptr || how < 0) return fail_with(ERROR_INVALID_PARAMETER, INVALID_HANDLE_VALUE);
  const std::string path = path_of(name);
  const bool did_exist = ::access(path.c_str(), F_OK) == 0;
  const int fd = ::open(path.c_str(), how | access_of(access) | O_CLOEXEC, 0666);
  if (fd < 0) return fail_with_errno(INVALID_HANDLE_VALUE);
  struct stat status {};
  if (::fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
    ::close(fd);
    return fail_with(ERROR_ACCESS_DENIED, INVALID_HANDLE_VALUE);
  }
  // Its name goes now: the file itself lasts until it is closed.
  if ((flags & FILE_FLAG_DELETE_ON_CLOSE) != 0) ::unlink(path.c_str());
  const HANDLE handle = handle_to(make_ref<DiskFile>(fd, (flags & FILE_FLAG_OVERLAPPED) != 0));
  if (handle == nullptr) return INVALID_HANDLE_VALUE;
  const bool may_exist = disposition == CREATE_ALWAYS || disposition == OPEN_ALWAYS;
  set_last_error(may_exist && did_exist ? ERROR_ALREADY_EXISTS : ERROR_SUCCESS);
  return handle;
}

HANDLE CreateFileW(LPCWSTR name, DWORD access, DWORD share, LPSECURITY_ATTRIBUTES security,
                   DWORD disposition, DWORD flags, HANDLE like) {
  if (name == nullptr) return fail_with(ERROR_INVALID_PARAMETER, INVALID_HANDLE_VALUE);
  return CreateFileA(narrow(name).c_str(), access, share, security, disposition, flags, like);
}

BOOL ReadFile(HANDLE handle, LPVOID buffer, DWORD size, LPDWORD read, LPOVERLAPPED overlapped) {
  const auto file = object_of<FileObject>(handle);
  if (!file) return FALSE;
  if (read == nullptr && overlapped == nullptr) return fail_with(ERROR_INVALID_PARAMETER, FALSE);
  return file->read(buffer, size, read, overlapped);
}

BOOL WriteFile(HANDLE handle, LPCVOID buffer, DWORD size, LPDWORD written,
               LPOVERLAPPED overlapped) {
  const auto file = object_of<FileObject>(handle);
  if (!file) return FALSE;
  return file->write(buffer, size, written, overlapped);
}

BOOL FlushFileBuffers(HANDLE handle) {
  const auto file = file_of(handle);
  if (!file) return FALSE;
  if (::fsync(file->fd()) == 0 || errno == EINVAL) return TRUE;  // pipes have nothing to flush
  return fail_with_errno(FALSE);
}

BOOL SetFilePointerEx(HANDLE handle, LARGE_INTEGER distance, PLARGE_INTEGER position,
                      DWORD method) {
  const auto file = file_of(handle);
  if (!file) return FALSE;
  if (method > FILE_END) return fail_with(ERROR_INVALID_PARAMETER, FALSE);
  const int whence = method == FILE_BEGIN ? SEEK_SET : method == FILE_CURRENT ? SEEK_CUR : SEEK_END;
  const std::int64_t at = ::lseek(file->fd(), distance.QuadPart, whence);
  if (at < 0) return fail_with(errno == EINVAL ? ERROR_NEGATIVE_SEEK : ERROR_SEEK, FALSE);
  if (position != nullptr) position->QuadPart = at;
  return TRUE;
}

DWORD SetFilePointer(HANDLE handle, LONG distance, PLONG distance_high, DWORD method) {
  LARGE_INTEGER to;
  to.QuadPart = distance;
  if (distance_high != nullptr) {
    to.LowPart = static_cast<DWORD>(distance);
    to.HighPart = *distance_high;
  }
  LARGE_INTEGER at;
  if (!SetFilePointerEx(handle, to, &at, method)) return INVALID_SET_FILE_POINTER;
  if (distance_high == nullptr && at.HighPart != 0) {
    return fail_with(ERROR_INVALID_PARAMETER, INVALID_SET_FILE_POINTER);
  }
  if (distance_high != nullptr) *distance_high = at.HighPart;
  set_last_error(ERROR_SUCCESS);  // 0xFFFFFFFF may be a position
  return at.LowPart;
}

BOOL SetEndOfFile(HANDLE handle) {
  const auto file = file_of(handle);
  if (!file) return FALSE;
  const std::int64_t at = ::lseek(file->fd(), 0, SEEK_CUR);
  return at >= 0 && ::ftruncate(file->fd(), at) == 0 ? TRUE : fail_with_errno(FALSE);
}

BOOL GetFileSizeEx(HANDLE handle, PLARGE_INTEGER size) {
  const auto file = file_of(handle);
  if (!file) return FALSE;
  if (size == nullptr) return fail_with(ERROR_INVALID_PARAMETER, FALSE);
  std::int64_t bytes = 0;
  if (!size_of(*file, bytes)) return FALSE;
  size->QuadPart = bytes;
  return TRUE;
}

DWORD GetFileSize(HANDLE handle, LPDWORD high) {
  LARGE_INTEGER size;
  if (!GetFileSizeEx(handle, &size)) return INVALID_FILE_SIZE;
  if (high != nullptr) *high = static_cast<DWORD>(size.HighPart);
  set_last_error(ERROR_SUCCESS);
  return size.LowPart;
}

DWORD GetFileType(HANDLE handle) {
  const auto object = object_of<FileObject>(handle);
  if (!object) return FILE_TYPE_UNKNOWN;
  set_last_error(ERROR_SUCCESS);
  if (object->kind() == ObjectKind::kSocket) return FILE_TYPE_PIPE;
  struct stat status {};
  if (::fstat(static_cast<DiskFile&>(*object).fd(), &status) != 0) return FILE_TYPE_UNKNOWN;
  if (S_ISREG(status.st_mode)) return FILE_TYPE_DISK;
  return S_ISCHR(status.st_mode) ? FILE_TYPE_CHAR : FILE_TYPE_PIPE;
}

BOOL DeleteFileA(LPCSTR name) {
  if (name == nullptr) return fail_with(ERROR_INVALID_PARAMETER, FALSE);
  return ::unlink(path_of(name).c_str()) == 0 ? TRUE : fail_with_errno(FALSE);
}

BOOL DeleteFileW(LPCWSTR name) {
  return DeleteFileA(name == nullptr ? nullptr : narrow(name).c_str());
}

DWORD GetFileAttributesA(LPCSTR name) {
  if (name == nullptr) return fail_with(ERROR_INVALID_PARAMETER, INVALID_FILE_ATTRIBUTES);
  return attributes_of(path_of(name));
}

DWORD GetFileAttributesW(LPCWSTR name) {
  return GetFileAttributesA(name == nullptr ? nullptr : narrow(name).c_str());
}

DWORD GetTempPathA(DWORD size, LPSTR buffer) {
  return give_text(temporary_folder(), buffer, size);
}

DWORD GetTempPathW(DWORD size, LPWSTR buffer) {
  return give_text(widen(temporary_folder()), buffer, size);
}

UINT GetTempFileNameA(LPCSTR path, LPCSTR prefix, UINT unique, LPSTR name) {
  if (path == nullptr || name == nullptr) return fail_with(ERROR_INVALID_PARAMETER, UINT{0});
  const std::string made = temporary_name(path_of(path), prefix == nullptr ? "" : prefix, unique);
  if (made.empty()) return 0;
  if (made.size() >= MAX_PATH) return fail_with(ERROR_BUFFER_OVERFLOW, UINT{0});
  give_text(made, name, MAX_PATH);
  return unique;
}

UINT GetTempFileNameW(LPCWSTR path, LPCWSTR prefix, UINT unique, LPWSTR name) {
  if (path == nullptr || name == nullptr) return fail_with(ERROR_INVALID_PARAMETER, UINT{0});
  const std::string made =
      temporary_name(path_of(narrow(path)), prefix == nullptr ? "" : narrow(prefix), unique);
  if (made.empty()) return 0;
  if (made.size() >= MAX_PATH) return fail_with(ERROR_BUFFER_OVERFLOW, UINT{0});
  give_text(widen(made), name, MAX_PATH);
  return unique;
}
