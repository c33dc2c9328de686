// WSAEnumProtocols and the WSC functions: the catalogue as programs and installers of providers see
// it.
//
// The WSC functions report through lpErrno and do not need WSAStartup (documented).
#include <winsock2.h>
#include <ws2spi.h>

#include <algorithm>
#include <cwchar>

#include "winsock/catalogue.h"
#include "winsock/protocol_info.h"
#include "winsock/startup.h"

using namespace oriel::winsock;  // NOLINT(google-build-using-namespace)

namespace {

// Copies entries out: their count, or SOCKET_ERROR with WSAENOBUFS and the bytes that are needed.
template <class Info, class Convert>
int copy_out(const INT* protocols, bool with_layers, Info* out, DWORD* bytes, INT& error,
             Convert convert) {
  if (bytes == nullptr) {
    error = WSAEFAULT;
    return SOCKET_ERROR;
  }
  const auto infos = Catalogue::instance().list(protocols, with_layers);
  const DWORD needed = static_cast<DWORD>(infos.size() * sizeof(Info));
  const bool fits = *bytes >= needed && out != nullptr;
  const bool is_bad_pointer = *bytes >= needed && out == nullptr && needed != 0;
  *bytes = is_bad_pointer ? *bytes : needed;
  if (!fits && needed != 0) {
    error = is_bad_pointer ? WSAEFAULT : WSAENOBUFS;
    return SOCKET_ERROR;
  }
  std::transform(infos.begin(), infos.end(), out, convert);
  return static_cast<int>(infos.size());
}

WSAPROTOCOL_INFOW as_is(const WSAPROTOCOL_INFOW& info) {
  return info;
}

int finish(INT result, LPINT error) {
  if (result == 0) return 0;
  *error = result;
  return SOCKET_ERROR;
}

}  // namespace

int WSAAPI WSAEnumProtocolsW(LPINT lpiProtocols, LPWSAPROTOCOL_INFOW lpProtocolBuffer,
                             LPDWORD lpdwBufferLength) {
  if (is_refused()) return SOCKET_ERROR;
  INT error = 0;
  const int n = copy_out(lpiProtocols, false, lpProtocolBuffer, lpdwBufferLength, error, as_is);
  return n == SOCKET_ERROR ? fail_with(error) : n;
}

int WSAAPI WSAEnumProtocolsA(LPINT lpiProtocols, LPWSAPROTOCOL_INFOA lpProtocolBuffer,
                             LPDWORD lpdwBufferLength) {
  if (is_refused()) return SOCKET_ERROR;
  INT error = 0;
  const int n = copy_out(lpiProtocols, false, lpProtocolBuffer, lpdwBufferLength, error, to_ansi);
  return n == SOCKET_ERROR ? fail_with(error) : n;
}

int WSPAPI WSCEnumProtocols(LPINT lpiProtocols, LPWSAPROTOCOL_INFOW lpProtocolBuffer,
                            LPDWORD lpdwBufferLength, LPINT lpErrno) {
  INT ignored = 0;
  INT& error = lpErrno == nullptr ? ignored : *lpErrno;
  return copy_out(lpiProtocols, true, lpProtocolBuffer, lpdwBufferLength, error, as_is);
}

int WSPAPI WSCInstallProvider(LPGUID lpProviderId, const WCHAR* lpszProviderDllPath,
                              const LPWSAPROTOCOL_INFOW lpProtocolInfoList, DWORD dwNumberOfEntries,
                              LPINT lpErrno) {
  if (lpErrno == nullptr) return SOCKET_ERROR;
  if (lpProviderId == nullptr || lpszProviderDllPath == nullptr || lpProtocolInfoList == nullptr) {
    return finish(WSAEFAULT, lpErrno);
  }
  return finish(Catalogue::instance().install(*lpProviderId, lpszProviderDllPath,
                                              {lpProtocolInfoList, dwNumberOfEntries}),
                lpErrno);
}

int WSPAPI WSCDeinstallProvider(LPGUID lpProviderId, LPINT lpErrno) {
  if (lpErrno == nullptr) return SOCKET_ERROR;
  if (lpProviderId == nullptr) return finish(WSAEFAULT, lpErrno);
  return finish(Catalogue::instance().deinstall(*lpProviderId), lpErrno);
}

int WSPAPI WSCGetProviderPath(LPGUID lpProviderId, WCHAR* lpszProviderDllPath,
                              LPINT lpProviderDllPathLen, LPINT lpErrno) {
  if (lpErrno == nullptr) return SOCKET_ERROR;
  if (lpProviderId == nullptr || lpszProviderDllPath == nullptr ||
      lpProviderDllPathLen == nullptr) {
    return finish(WSAEFAULT, lpErrno);
  }
  std::wstring path;
  if (const INT error = Catalogue::instance().path_of(*lpProviderId, path)) {
    return finish(error, lpErrno);
  }
  const INT needed = static_cast<INT>(path.size() + 1);
  const bool fits = *lpProviderDllPathLen >= needed;
  *lpProviderDllPathLen = needed;
  if (!fits) return finish(WSAEFAULT, lpErrno);
  std::copy_n(path.c_str(), path.size() + 1, lpszProviderDllPath);
  return 0;
}

int WSPAPI WSCWriteProviderOrder(LPDWORD lpwdCatalogEntryId, DWORD dwNumberOfEntries) {
  if (lpwdCatalogEntryId == nullptr) return WSAEFAULT;
  return Catalogue::instance().reorder({lpwdCatalogEntryId, dwNumberOfEntries});
}

// The catalogue changes by calls of this process only, so there is no change to wait for (O).
INT WSAAPI WSAProviderConfigChange(LPHANDLE, LPWSAOVERLAPPED, LPWSAOVERLAPPED_COMPLETION_ROUTINE) {
  return is_refused() ? SOCKET_ERROR : fail_with(WSAEOPNOTSUPP);
}
