// WSPAddressToString and WSPStringToAddress of the base provider: addresses as text, checked as
// Windows checks them.
#include <algorithm>
#include <cwchar>

#include "win32/utf8.h"
#include "winsock/address_text.h"
#include "winsock/base_provider.h"

namespace oriel::winsock {
namespace {

INT refuse(INT reason, LPINT error) {
  if (error != nullptr) *error = reason;
  return SOCKET_ERROR;
}

}  // namespace

INT WSPAPI spi_address_to_string(LPSOCKADDR address, DWORD address_bytes, LPWSAPROTOCOL_INFOW,
                                 LPWSTR text, LPDWORD text_length, LPINT error) {
  if (address == nullptr || text_length == nullptr) return refuse(WSAEFAULT, error);
  if (address_bytes < sizeof address->sa_family) return refuse(WSAEFAULT, error);
  const std::size_t needed_bytes = socket_address_bytes(address->sa_family);
  if (needed_bytes == 0) return refuse(WSAEINVAL, error);
  if (address_bytes < needed_bytes) return refuse(WSAEFAULT, error);
  const std::wstring wide = win32::widen(socket_address_text(address, address_bytes));
  const DWORD needed = static_cast<DWORD>(wide.size() + 1);
  const bool fits = text != nullptr && *text_length >= needed;
  *text_length = needed;
  if (!fits) return refuse(WSAEFAULT, error);
  std::copy_n(wide.c_str(), needed, text);
  return 0;
}

INT WSPAPI spi_string_to_address(LPWSTR text, INT family, LPWSAPROTOCOL_INFOW, LPSOCKADDR address,
                                 LPINT address_bytes, LPINT error) {
  if (address == nullptr || address_bytes == nullptr) return refuse(WSAEFAULT, error);
  if (text == nullptr) return refuse(WSAEINVAL, error);
  const INT needed = static_cast<INT>(socket_address_bytes(family));
  if (needed == 0) return refuse(WSAEINVAL, error);
  if (*address_bytes < needed) {
    *address_bytes = needed;
    return refuse(WSAEFAULT, error);
  }
  address->sa_family = 0;
  const auto parsed = parse_socket_address(win32::narrow(text), family);
  if (!parsed) return refuse(WSAEINVAL, error);
  std::copy_n(reinterpret_cast<const char*>(&*parsed), needed, reinterpret_cast<char*>(address));
  *address_bytes = needed;
  return 0;
}

}  // namespace oriel::winsock
