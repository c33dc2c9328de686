// One row for each EAI code.
#include "winsock/error_text.h"

#include <ws2tcpip.h>

#include "win32/utf8.h"
#include "winsock/thread_state.h"

namespace oriel::winsock {

const char* lookup_error_text(int error) {
  switch (error) {
    case 0:
      return "The operation completed successfully.";
    case EAI_AGAIN:
      return "No name server answered in time; the same request may succeed later.";
    case EAI_BADFLAGS:
      return "A flag or another argument is not valid.";
    case EAI_FAIL:
      return "The name servers cannot answer.";
    case EAI_FAMILY:
      return "The address family is not supported.";
    case EAI_MEMORY:
      return "There is not enough memory.";
    case EAI_NONAME:
      return "No such host is known.";
    case WSANO_DATA:
      return "The host exists, but has no address of the kind that was asked for.";
    case EAI_SERVICE:
      return "The service is not known for this kind of socket.";
    case EAI_SOCKTYPE:
      return "The kind of socket is not supported.";
    case WSANOTINITIALISED:
      return "WSAStartup has not been called.";
    case WSAEFAULT:
      return "A pointer is not valid, or a buffer is too small.";
    default:
      return "The name lookup failed.";
  }
}

}  // namespace oriel::winsock

using namespace oriel::winsock;  // NOLINT(google-build-using-namespace)

char* WSAAPI gai_strerrorA(int error) {
  ThreadState& state = thread_state();
  state.error_text = lookup_error_text(error);
  return state.error_text.data();
}

WCHAR* WSAAPI gai_strerrorW(int error) {
  ThreadState& state = thread_state();
  state.error_text_wide = oriel::win32::widen(lookup_error_text(error));
  return state.error_text_wide.data();
}
