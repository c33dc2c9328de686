// Names that a user's processes find each other by: abstract Unix sockets, which the kernel frees
// with the process, whatever ends it.
//
//   @oriel1/1000/default/p/4711              the process 4711
//   @oriel1/1000/default/t/8080/127.0.0.1    who holds that TCP port of that address (u: UDP)
//   @oriel1/1000/default/e/255               who picks its ephemeral ports from the block 255
//   @oriel1/1000/+/t/8080/127.0.0.1          who holds the kernel's port, of whatever domain
//   @oriel1/1000/+/k/t/8080/127.0.0.1        who is finding that out just now
//
// Any user may take or connect to such a name, so a name proves nothing: both ends look at the
// credentials that the kernel noted (docs/adr/0018). A name that another user has is taken, as any
// of the kernel's ports may be, but never answered to.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "oriel/error.h"
#include "runtime/unique_fd.h"

namespace oriel::loopback {

/// Connections that wait to be looked at behind one name.
inline constexpr int kNameBacklog = 1024;
inline constexpr std::size_t kDomainNameBytesMax = 32;

/// Whoever is at the other end of a connection: same user, by the kernel's word.
struct Found {
  runtime::UniqueFd fd;
  int pid = 0;
};

class Names {
 public:
  /// Errors: kInvalidArgument (1 to 32 letters, digits, dots, dashes, underscores).
  static Result<Names> of_domain(std::string_view domain);
  /// What all domains of the user have in common: the kernel's ports that they hold.
  static Names of_machine();

  /// A socket that listens on the name and does not block. Errors: kAddressInUse, kNoBuffers.
  Result<runtime::UniqueFd> take(std::string_view name) const;
  /// A connection to who has the name; it does not block. Errors: kNotFound (nobody of this user),
  /// kNoBuffers (no descriptor, or its owner does not take connections).
  Result<Found> find(std::string_view name) const;
  /// The next connection to a name of ours; nullopt: none waits. Those of others are hung up.
  /// Errors: kNoBuffers (no descriptor).
  static Result<Found> accept(int listener);
  /// Every name of the domain that begins with `prefix`, without the domain's part.
  std::vector<std::string> list(std::string_view prefix) const;

 private:
  explicit Names(std::string prefix) : prefix_(std::move(prefix)) {}
  std::string prefix_;
};

}  // namespace oriel::loopback
