// What Winsock keeps for each thread: the answers of gethostbyname and its relatives, which belong
// to the thread that asked, the thread's handle for completion routines, and SO_OPENTYPE.
#pragma once

#include <winsock2.h>
#include <ws2spi.h>

#include <string>
#include <vector>

namespace oriel::winsock {

/// A hostent, servent or protoent and the memory it points into. Good until the thread's next call
/// of that kind.
struct NameAnswer {
  std::string name;
  std::string protocol;
  std::vector<std::string> alias_text;
  std::vector<char*> aliases;  ///< ends with NULL
  std::vector<std::string> address_bytes;
  std::vector<char*> addresses;  ///< ends with NULL

  /// Points `aliases` and `addresses` at the texts.
  void link();
};

struct ThreadState {
  NameAnswer host, service, protocol;
  hostent host_entry{};
  servent service_entry{};
  protoent protocol_entry{};
  char address_text[16] = {};    ///< inet_ntoa's
  std::string error_text;        ///< gai_strerrorA's
  std::wstring error_text_wide;  ///< gai_strerrorW's
  DWORD open_type = 0;           ///< SO_OPENTYPE: not 0 makes socket() open without overlapped I/O
  WSATHREADID thread{};          ///< a real handle once asked for
  ~ThreadState();
};

/// The calling thread's.
ThreadState& thread_state();

/// The calling thread for WSPxxx calls with a completion routine; NULL when there is no routine to
/// run.
LPWSATHREADID thread_for(LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);

}  // namespace oriel::winsock
