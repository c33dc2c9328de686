// From a triple to a catalogue entry, from there to a provider's table.
#include "winsock/open_socket.h"

#include "winsock/catalogue.h"
#include "winsock/startup.h"

namespace oriel::winsock {
namespace {

constexpr DWORD kFlags = WSA_FLAG_OVERLAPPED | WSA_FLAG_MULTIPOINT_C_ROOT |
                         WSA_FLAG_MULTIPOINT_C_LEAF | WSA_FLAG_MULTIPOINT_D_ROOT |
                         WSA_FLAG_MULTIPOINT_D_LEAF | WSA_FLAG_ACCESS_SYSTEM_SECURITY |
                         WSA_FLAG_NO_HANDLE_INHERIT | WSA_FLAG_REGISTERED_IO;

SOCKET refuse(INT error) {
  fail_with(error);
  return INVALID_SOCKET;
}

}  // namespace

SOCKET open_socket(int family, int type, int protocol, const WSAPROTOCOL_INFOW* info, GROUP group,
                   DWORD flags) {
  if (is_refused()) return INVALID_SOCKET;
  if ((flags & ~kFlags) != 0) return refuse(WSAEINVAL);
  if (info != nullptr) {
    if (family == FROM_PROTOCOL_INFO) family = info->iAddressFamily;
    if (type == FROM_PROTOCOL_INFO) type = info->iSocketType;
    if (protocol == FROM_PROTOCOL_INFO) protocol = info->iProtocol;
  }
  Catalogue& catalogue = Catalogue::instance();
  CatalogueEntry entry;
  INT error = info != nullptr ? catalogue.find_id(info->dwCatalogEntryId, entry)
                              : catalogue.find(family, type, protocol, entry);
  if (error != 0) return refuse(error);
  const WSPPROC_TABLE* table = nullptr;
  error = catalogue.start(entry, table);
  if (error != 0) return refuse(error);
  // The provider sees the values of the entry where the program left them open.
  if (family == AF_UNSPEC) family = entry.info.iAddressFamily;
  if (type == 0) type = entry.info.iSocketType;
  if (protocol == 0) protocol = entry.info.iProtocol;
  WSAPROTOCOL_INFOW own = info != nullptr ? *info : entry.info;
  error = 0;
  const SOCKET s = table->lpWSPSocket(family, type, protocol, &own, group, flags, &error);
  return s != INVALID_SOCKET ? s : refuse(error);
}

}  // namespace oriel::winsock
