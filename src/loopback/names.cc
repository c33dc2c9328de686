// Binding, connecting, and the check of credentials on both sides.
#include "loopback/names.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <memory>

namespace oriel::loopback {
namespace {

using runtime::UniqueFd;

/// The number changes with what is said over the connections.
constexpr std::string_view kVersion = "oriel1/";
constexpr const char* kTable = "/proc/net/unix";

bool is_name_letter(char c) {
  const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return is_letter || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

struct Address {
  sockaddr_un value{};
  socklen_t bytes = 0;
};

Address address_of(const std::string& text) {
  Address a;
  a.value.sun_family = AF_UNIX;
  const std::size_t n = std::min(text.size(), sizeof a.value.sun_path - 1);
  std::memcpy(a.value.sun_path + 1, text.data(), n);  // the leading zero makes it abstract
  a.bytes = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + n);
  return a;
}

UniqueFd packet_socket() {
  return UniqueFd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

Failure no_descriptor() {
  return fail(ErrorCode::kNoBuffers, "no descriptor is left for the loopback between processes");
}

std::string prefix_of(std::string_view domain) {
  std::string prefix(kVersion);
  prefix += std::to_string(::geteuid());
  prefix += '/';
  prefix += domain;
  prefix += '/';
  return prefix;
}

/// The pid at the other end; 0: it is another user's, or of another pid namespace.
int pid_if_ours(int fd) {
  ucred who{};
  socklen_t bytes = sizeof who;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &bytes) != 0) return 0;
  return who.uid == ::geteuid() ? who.pid : 0;
}

}  // namespace

Result<Names> Names::of_domain(std::string_view domain) {
  if (domain.empty() || domain.size() > kDomainNameBytesMax ||
      !std::all_of(domain.begin(), domain.end(), is_name_letter)) {
    return fail(ErrorCode::kInvalidArgument,
                "'" + std::string(domain) +
                    "' is not the name of a loopback domain: write 1 to 32 letters, digits, dots, "
                    "dashes or underscores");
  }
  return Names(prefix_of(domain));
}

Names Names::of_machine() {
  return Names(prefix_of("+"));  // no domain has that name
}

Result<UniqueFd> Names::take(std::string_view name) const {
  UniqueFd fd = packet_socket();
  if (!fd) return no_descriptor();
  const Address a = address_of(prefix_ + std::string(name));
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&a.value), a.bytes) != 0) {
    return fail(errno == EADDRINUSE ? ErrorCode::kAddressInUse : ErrorCode::kNoBuffers);
  }
  if (::listen(fd.get(), kNameBacklog) != 0) return fail(ErrorCode::kNoBuffers);
  return fd;
}

Result<Found> Names::find(std::string_view name) const {
  Found found{packet_socket(), 0};
  if (!found.fd) return no_descriptor();
  const Address a = address_of(prefix_ + std::string(name));
  if (::connect(found.fd.get(), reinterpret_cast<const sockaddr*>(&a.value), a.bytes) != 0) {
    if (errno != EAGAIN) return fail(ErrorCode::kNotFound);
    return fail(ErrorCode::kNoBuffers, "the process that owns the port takes no connections");
  }
  found.pid = pid_if_ours(found.fd.get());
  if (found.pid == 0) return fail(ErrorCode::kNotFound);
  return found;
}

Result<Found> Names::accept(int listener) {
  constexpr int kStrangersMax = 64;  // then the others of the process have a turn
  for (int i = 0; i < kStrangersMax; ++i) {
    Found next{UniqueFd(::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)), 0};
    if (!next.fd) {
      const bool is_short = errno == EMFILE || errno == ENFILE || errno == ENOMEM;
      return is_short ? no_descriptor() : fail(ErrorCode::kWouldBlock);
    }
    next.pid = pid_if_ours(next.fd.get());
    if (next.pid != 0) return next;
  }
  return fail(ErrorCode::kWouldBlock);
}

std::vector<std::string> Names::list(std::string_view prefix) const {
  std::vector<std::string> all;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(kTable, "re"), std::fclose);
  if (file == nullptr) return all;
  const std::string wanted = " @" + prefix_ + std::string(prefix);
  char line[512];
  while (std::fgets(line, sizeof line, file.get()) != nullptr) {
    std::string_view text(line);
    const std::size_t at = text.find(wanted);
    if (at == text.npos) continue;
    text.remove_prefix(at + 2 + prefix_.size());
    if (const std::size_t end = text.find('\n'); end != text.npos) text = text.substr(0, end);
    if (std::find(all.begin(), all.end(), text) == all.end()) all.emplace_back(text);
  }
  return all;
}

}  // namespace oriel::loopback
