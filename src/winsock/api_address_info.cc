// getaddrinfo in its four shapes, and freeing what they returned.
//
// Each node, its address and its name are allocated apart with malloc, so that a list can be freed
// in pieces, as some programs do. The Ex forms answer at once: an overlapped structure or a timeout
// is refused (O).
#include <ws2tcpip.h>

#include <cstdlib>
#include <cstring>
#include <cwchar>

#include "win32/utf8.h"
#include "winsock/address_query.h"
#include "winsock/sockaddr.h"
#include "winsock/startup.h"

using namespace oriel::winsock;  // NOLINT(google-build-using-namespace)

namespace {

char* copy_of(const std::string& text, char*) {
  return ::strdup(text.c_str());
}

wchar_t* copy_of(const std::string& text, wchar_t*) {
  return ::wcsdup(oriel::win32::widen(text).c_str());
}

std::optional<std::string> to_text(const char* text) {
  return text == nullptr ? std::nullopt : std::optional<std::string>(text);
}

std::optional<std::string> to_text(const wchar_t* text) {
  return text == nullptr ? std::nullopt : std::optional<std::string>(oriel::win32::narrow(text));
}

template <class Info>
void free_list(Info* info) {
  while (info != nullptr) {
    Info* const next = info->ai_next;
    std::free(info->ai_addr);
    std::free(info->ai_canonname);
    std::free(info);
    info = next;
  }
}

// nullptr: no memory.
template <class Info>
Info* make_node(const AddressAnswer::Row& row) {
  auto* const info = static_cast<Info*>(std::calloc(1, sizeof(Info)));
  if (info == nullptr) return nullptr;
  const std::size_t bytes =
      row.address.si_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  info->ai_family = row.address.si_family;
  info->ai_socktype = row.type;
  info->ai_protocol = row.protocol;
  info->ai_addrlen = bytes;
  info->ai_addr = static_cast<sockaddr*>(std::malloc(bytes));
  if (info->ai_addr != nullptr) {
    std::memcpy(info->ai_addr, &row.address, bytes);
    return info;
  }
  std::free(info);
  return nullptr;
}

template <class Info>
INT make_list(const AddressAnswer& answer, Info** result) {
  Info** next = result;
  for (const AddressAnswer::Row& row : answer.rows) {
    *next = make_node<Info>(row);
    if (*next == nullptr) {
      free_list(*result);
      *result = nullptr;
      return WSA_NOT_ENOUGH_MEMORY;
    }
    next = &(*next)->ai_next;
  }
  if (answer.canonical) {
    (*result)->ai_canonname = copy_of(*answer.canonical, (*result)->ai_canonname);
  }
  return 0;
}

template <class Info>
bool is_sound(const Info& hints) {
  return hints.ai_addrlen == 0 && hints.ai_canonname == nullptr && hints.ai_addr == nullptr &&
         hints.ai_next == nullptr;
}

// The errors are returned and are the last error as well.
template <class Text, class Info>
INT look_up(const Text* node, const Text* service, const Info* hints, Info** result) {
  if (is_bad_pointer(result)) return WSAEFAULT;
  *result = nullptr;
  if (!is_started()) return WSANOTINITIALISED;
  AddressQuery query{to_text(node), to_text(service)};
  if (hints != nullptr) {
    if (!is_sound(*hints)) return EAI_FAIL;
    query.flags = hints->ai_flags;
    query.family = hints->ai_family;
    query.type = hints->ai_socktype;
    query.protocol = hints->ai_protocol;
  }
  AddressAnswer answer;
  const INT error = answer_query(query, answer);
  return error != 0 ? error : make_list(answer, result);
}

INT told(INT error) {
  if (error != 0) fail_with(error);
  return error;
}

template <class Text, class Info>
INT look_up_ex(const Text* node, const Text* service, const Info* hints, Info** result,
               bool is_later) {
  if (is_later) return told(WSAEOPNOTSUPP);
  return told(look_up(node, service, hints, result));
}

}  // namespace

INT WSAAPI getaddrinfo(PCSTR node, PCSTR service, const ADDRINFOA* hints, PADDRINFOA* result) {
  return told(look_up(node, service, hints, result));
}

INT WSAAPI GetAddrInfoW(PCWSTR node, PCWSTR service, const ADDRINFOW* hints, PADDRINFOW* result) {
  return told(look_up(node, service, hints, result));
}

VOID WSAAPI freeaddrinfo(PADDRINFOA info) {
  free_list(info);
}

VOID WSAAPI FreeAddrInfoW(PADDRINFOW info) {
  free_list(info);
}

INT WSAAPI GetAddrInfoExA(PCSTR node, PCSTR service, DWORD, LPGUID, const ADDRINFOEXA* hints,
                          PADDRINFOEXA* result, struct timeval* timeout, LPOVERLAPPED overlapped,
                          LPLOOKUPSERVICE_COMPLETION_ROUTINE routine, LPHANDLE) {
  return look_up_ex(node, service, hints, result,
                    timeout != nullptr || overlapped != nullptr || routine != nullptr);
}

INT WSAAPI GetAddrInfoExW(PCWSTR node, PCWSTR service, DWORD, LPGUID, const ADDRINFOEXW* hints,
                          PADDRINFOEXW* result, struct timeval* timeout, LPOVERLAPPED overlapped,
                          LPLOOKUPSERVICE_COMPLETION_ROUTINE routine, LPHANDLE) {
  return look_up_ex(node, service, hints, result,
                    timeout != nullptr || overlapped != nullptr || routine != nullptr);
}

// Nothing is ever under way.
INT WSAAPI GetAddrInfoExCancel(LPHANDLE) {
  return WSA_INVALID_HANDLE;
}

INT WSAAPI GetAddrInfoExOverlappedResult(LPOVERLAPPED) {
  return WSAEINVAL;
}

void WSAAPI FreeAddrInfoExA(PADDRINFOEXA info) {
  free_list(info);
}

void WSAAPI FreeAddrInfoExW(PADDRINFOEXW info) {
  free_list(info);
}
