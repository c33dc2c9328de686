// gethostbyname and its relatives: answers in memory of the calling thread, IPv4 only for names
// (documented).
#include <ws2tcpip.h>

#include <algorithm>
#include <cstring>

#include "win32/utf8.h"
#include "winsock/resolver.h"
#include "winsock/sockaddr.h"
#include "winsock/startup.h"
#include "winsock/thread_state.h"

using namespace oriel;           // NOLINT(google-build-using-namespace)
using namespace oriel::winsock;  // NOLINT(google-build-using-namespace)

namespace {

template <class T>
T* refuse(INT error) {
  fail_with(error);
  return nullptr;
}

hostent* answer_host(const runtime::ResolvedHost& host, int family) {
  ThreadState& state = thread_state();
  const bool is_v4 = family == AF_INET;
  state.host = {};
  state.host.name = host.canonical;
  for (const runtime::NamedAddress& named : host.addresses) {
    const auto* bytes = is_v4 ? named.address.v4_bytes() : named.address.bytes().data();
    state.host.address_bytes.emplace_back(reinterpret_cast<const char*>(bytes), is_v4 ? 4 : 16);
  }
  state.host.link();
  state.host_entry = {state.host.name.data(), state.host.aliases.data(), static_cast<short>(family),
                      static_cast<short>(is_v4 ? 4 : 16), state.host.addresses.data()};
  return &state.host_entry;
}

void keep(const runtime::NamedNumber& row, NameAnswer& answer) {
  answer = {};
  answer.name = row.name;
  answer.protocol = row.protocol;
  answer.alias_text = row.aliases;
  answer.link();
}

servent* answer_service(const std::optional<runtime::NamedNumber>& row) {
  if (!row) return refuse<servent>(WSANO_DATA);
  ThreadState& state = thread_state();
  keep(*row, state.service);
  state.service_entry = {};
  state.service_entry.s_name = state.service.name.data();
  state.service_entry.s_aliases = state.service.aliases.data();
  state.service_entry.s_proto = state.service.protocol.data();
  state.service_entry.s_port = static_cast<short>(htons(row->number));
  return &state.service_entry;
}

protoent* answer_protocol(const std::optional<runtime::NamedNumber>& row) {
  if (!row) return refuse<protoent>(WSANO_DATA);
  ThreadState& state = thread_state();
  keep(*row, state.protocol);
  state.protocol_entry = {state.protocol.name.data(), state.protocol.aliases.data(),
                          static_cast<short>(row->number)};
  return &state.protocol_entry;
}

std::string_view or_empty(const char* text) {
  return text == nullptr ? std::string_view() : std::string_view(text);
}

}  // namespace

struct hostent* WSAAPI gethostbyname(const char* name) {
  if (is_refused()) return nullptr;
  const auto host = resolve_name(std::string(or_empty(name)), runtime::NameFamily::kV4);
  if (!host) return refuse<hostent>(wsa_error_of(host.error()));
  return answer_host(*host, AF_INET);
}

struct hostent* WSAAPI gethostbyaddr(const char* address, int length, int family) {
  if (is_refused()) return nullptr;
  if (family != AF_INET && family != AF_INET6) return refuse<hostent>(WSAEAFNOSUPPORT);
  if (is_bad_pointer(address) || length < (family == AF_INET ? 4 : 16))
    return refuse<hostent>(WSAEFAULT);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(address);
  const runtime::NamedAddress named{family == AF_INET ? IpAddress::v4(bytes) : IpAddress::v6(bytes),
                                    0};
  const auto name = resolve_address(named);
  if (!name) return refuse<hostent>(wsa_error_of(name.error()));
  return answer_host({*name, {named}}, family);
}

int WSAAPI gethostname(char* name, int size) {
  if (is_refused()) return SOCKET_ERROR;
  const std::string text = runtime::own_host_name();
  if (is_bad_pointer(name) || size <= static_cast<int>(text.size())) return fail_with(WSAEFAULT);
  std::copy_n(text.c_str(), text.size() + 1, name);
  return 0;
}

int WSAAPI GetHostNameW(PWSTR name, int size) {
  if (is_refused()) return SOCKET_ERROR;
  const std::wstring text = oriel::win32::widen(runtime::own_host_name());
  if (is_bad_pointer(name) || size <= static_cast<int>(text.size())) return fail_with(WSAEFAULT);
  std::copy_n(text.c_str(), text.size() + 1, name);
  return 0;
}

// `port` is in network order.
struct servent* WSAAPI getservbyport(int port, const char* protocol) {
  if (is_refused()) return nullptr;
  return answer_service(
      runtime::find_service(ntohs(static_cast<u_short>(port)), or_empty(protocol)));
}

struct servent* WSAAPI getservbyname(const char* name, const char* protocol) {
  if (is_refused()) return nullptr;
  if (is_bad_pointer(name)) return refuse<servent>(WSAEFAULT);
  return answer_service(runtime::find_service(std::string_view(name), or_empty(protocol)));
}

struct protoent* WSAAPI getprotobynumber(int number) {
  if (is_refused()) return nullptr;
  return answer_protocol(runtime::find_protocol(number));
}

struct protoent* WSAAPI getprotobyname(const char* name) {
  if (is_refused()) return nullptr;
  if (is_bad_pointer(name)) return refuse<protoent>(WSAEFAULT);
  return answer_protocol(runtime::find_protocol(std::string_view(name)));
}
