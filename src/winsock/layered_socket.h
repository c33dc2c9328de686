// A socket that only a layered provider knows: a handle of ours, a context of theirs
// (WPUCreateSocketHandle).
//
// It is a file object, so that a program may give it to a completion port and the provider may end
// an overlapped request on it (WPUCompleteOverlappedRequest). The base provider answers WSAENOTSOCK
// for it.
#pragma once

#include <winsock2.h>

#include "win32/file_object.h"

namespace oriel::winsock {

class LayeredSocket final : public win32::FileObject {
 public:
  explicit LayeredSocket(DWORD_PTR context)
      : FileObject(win32::ObjectKind::kLayeredSocket), context_(context) {}
  static constexpr bool is_kind(win32::ObjectKind kind) {
    return kind == win32::ObjectKind::kLayeredSocket;
  }

  DWORD_PTR context() const { return context_; }

 private:
  const DWORD_PTR context_;
};

}  // namespace oriel::winsock
