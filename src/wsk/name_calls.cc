// WskGetAddressInfo, WskFreeAddressInfo, WskGetNameInfo: within the call, at PASSIVE_LEVEL.
//
// Numbers never leave the process; whom other names are asked of is runtime/name_order.h's matter.
// Each row of an answer is one block of memory: the ADDRINFOEXW, then its address, and in the first
// row the canonical name.
#include <ws2tcpip.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <string>

#include "base/parse_number.h"
#include "runtime/name_service.h"
#include "stack/host_names.h"
#include "wdm/irql.h"
#include "win32/sockaddr.h"
#include "win32/utf8.h"
#include "wsk/client_call.h"
#include "wsk/dispatch_tables.h"

namespace oriel::wsk {
namespace {

struct Row {
  ADDRINFOEXW shown{};
  sockaddr_in6 address{};
  std::wstring canonical;
};

std::optional<std::string> text_of(const UNICODE_STRING* text) {
  if (text == nullptr || text->Buffer == nullptr) return std::nullopt;
  return win32::narrow({text->Buffer, text->Length / sizeof(WCHAR)});
}

NTSTATUS status_of(runtime::NameError error) {
  switch (error) {
    case runtime::NameError::kTryAgain:
      return STATUS_IO_TIMEOUT;
    case runtime::NameError::kFailed:
    case runtime::NameError::kNoName:
    case runtime::NameError::kNoData:
      return STATUS_NO_MATCH;
    case runtime::NameError::kNoMemory:
      return STATUS_INSUFFICIENT_RESOURCES;
  }
  return STATUS_NO_MATCH;
}

NTSTATUS find_port(const std::optional<std::string>& service, const ADDRINFOEXW& hints,
                   std::uint16_t& port) {
  if (!service || service->empty()) return STATUS_SUCCESS;
  if (const auto number = parse_decimal(*service, kPortMax)) {
    port = static_cast<std::uint16_t>(*number);
    return STATUS_SUCCESS;
  }
  if ((hints.ai_flags & AI_NUMERICSERV) != 0) return STATUS_NO_MATCH;
  const auto row = runtime::find_service(*service, hints.ai_socktype == SOCK_DGRAM ? "udp" : "tcp");
  if (!row) return STATUS_NO_MATCH;
  port = row->number;
  return STATUS_SUCCESS;
}

runtime::NameResult<runtime::ResolvedHost> find_host(const std::optional<std::string>& node,
                                                     const ADDRINFOEXW& hints,
                                                     runtime::NameFamily family) {
  const bool is_passive = (hints.ai_flags & AI_PASSIVE) != 0;
  if (!node) {
    const auto v4 = is_passive ? IpAddress::v4_any() : IpAddress::v4(127, 0, 0, 1);
    const auto v6 = is_passive ? IpAddress::v6_any() : IpAddress::parse("::1").value();
    return runtime::ResolvedHost{"", {{v6, 0}, {v4, 0}}};
  }
  if (const auto number = IpAddress::parse(*node)) {
    return runtime::ResolvedHost{*node, {{*number, 0}}};
  }
  if ((hints.ai_flags & AI_NUMERICHOST) != 0) {
    return tl::unexpected(runtime::NameError::kNoName);
  }
  return stack::names_of_process().resolve(*node, family);
}

Row* make_row(const runtime::NamedAddress& named, std::uint16_t port, const ADDRINFOEXW& hints) {
  auto* row = new Row;
  const int family = named.address.is_v4() ? AF_INET : AF_INET6;
  INT bytes = sizeof row->address;
  auto* address = reinterpret_cast<sockaddr*>(&row->address);
  win32::write_sockaddr({named.address, port}, family, address, &bytes);
  if (family == AF_INET6) row->address.sin6_scope_id = named.scope_id;
  row->shown.ai_family = family;
  row->shown.ai_socktype = hints.ai_socktype;
  row->shown.ai_protocol = hints.ai_protocol;
  row->shown.ai_addr = address;
  row->shown.ai_addrlen = static_cast<size_t>(bytes);
  return row;
}

void free_rows(PADDRINFOEXW first) {
  while (first != nullptr) {
    auto* row = reinterpret_cast<Row*>(first);
    first = first->ai_next;
    delete row;
  }
}

NTSTATUS answer(const std::optional<std::string>& node, const std::optional<std::string>& service,
                const ADDRINFOEXW& hints, PADDRINFOEXW* result) {
  const int family = hints.ai_family;
  if (family != AF_UNSPEC && family != AF_INET && family != AF_INET6) {
    return STATUS_INVALID_PARAMETER;
  }
  if (!node && !service) return STATUS_INVALID_PARAMETER;
  std::uint16_t port = 0;
  if (const NTSTATUS s = find_port(service, hints, port); s != STATUS_SUCCESS) return s;
  const auto wanted = family == AF_UNSPEC ? runtime::NameFamily::kAny
                      : family == AF_INET ? runtime::NameFamily::kV4
                                          : runtime::NameFamily::kV6;
  const auto host = find_host(node, hints, wanted);
  if (!host) return status_of(host.error());
  PADDRINFOEXW first = nullptr;
  PADDRINFOEXW* tail = &first;
  for (const runtime::NamedAddress& named : host->addresses) {
    if (family != AF_UNSPEC && named.address.is_v4() != (family == AF_INET)) continue;
    Row* row = make_row(named, port, hints);
    *tail = &row->shown;
    tail = &row->shown.ai_next;
  }
  if (first == nullptr) return STATUS_NO_MATCH;
  if ((hints.ai_flags & AI_CANONNAME) != 0) {
    auto& row = *reinterpret_cast<Row*>(first);
    row.canonical = win32::widen(host->canonical);
    row.shown.ai_canonname = row.canonical.data();
  }
  *result = first;
  return STATUS_SUCCESS;
}

// STATUS_BUFFER_TOO_SMALL: it does not fit with its NUL.
NTSTATUS give_text(const std::string& text, UNICODE_STRING* out) {
  if (out == nullptr) return STATUS_SUCCESS;
  const std::wstring wide = win32::widen(text);
  const std::size_t bytes = wide.size() * sizeof(WCHAR);
  if (out->Buffer == nullptr || bytes + sizeof(WCHAR) > out->MaximumLength) {
    return STATUS_BUFFER_TOO_SMALL;
  }
  std::memcpy(out->Buffer, wide.c_str(), bytes + sizeof(WCHAR));
  out->Length = static_cast<USHORT>(bytes);
  return STATUS_SUCCESS;
}

NTSTATUS name_of(const Endpoint& endpoint, ULONG flags, UNICODE_STRING* node,
                 UNICODE_STRING* service) {
  std::string host = endpoint.address.to_string();
  if ((flags & NI_NUMERICHOST) == 0 && node != nullptr) {
    const auto found = stack::names_of_process().name_of({endpoint.address, 0});
    if (found) {
      host = *found;
    } else if ((flags & NI_NAMEREQD) != 0) {
      return status_of(found.error());
    }
  }
  std::string port = std::to_string(endpoint.port);
  if ((flags & NI_NUMERICSERV) == 0) {
    const auto row = runtime::find_service(endpoint.port, (flags & NI_DGRAM) != 0 ? "udp" : "tcp");
    if (row) port = row->name;
  }
  const NTSTATUS status = give_text(host, node);
  return status == STATUS_SUCCESS ? give_text(port, service) : status;
}

}  // namespace

// REQ WSK-1
NTSTATUS WSKAPI wsk_get_address_info(PWSK_CLIENT client, PUNICODE_STRING node,
                                     PUNICODE_STRING service, ULONG, GUID*, PADDRINFOEXW hints,
                                     PADDRINFOEXW* result, PEPROCESS process, PETHREAD thread,
                                     PIRP irp) {
  ClientCall call("WskGetAddressInfo", client, irp, IrpRule::kRequired);
  if (call.refusal() != STATUS_SUCCESS) return call.end({call.refusal(), 0});
  wdm::check_irql("WskGetAddressInfo", PASSIVE_LEVEL);
  if (result == nullptr || (thread != nullptr && process == nullptr)) {
    return call.end({STATUS_INVALID_PARAMETER, 0});
  }
  *result = nullptr;
  const ADDRINFOEXW wanted = hints != nullptr ? *hints : ADDRINFOEXW{};
  return call.end({answer(text_of(node), text_of(service), wanted, result), 0});
}

VOID WSKAPI wsk_free_address_info(PWSK_CLIENT, PADDRINFOEXW info) {
  free_rows(info);
}

NTSTATUS WSKAPI wsk_get_name_info(PWSK_CLIENT client, PSOCKADDR address, ULONG address_bytes,
                                  PUNICODE_STRING node, PUNICODE_STRING service, ULONG flags,
                                  PEPROCESS, PETHREAD, PIRP irp) {
  ClientCall call("WskGetNameInfo", client, irp, IrpRule::kRequired);
  if (call.refusal() != STATUS_SUCCESS) return call.end({call.refusal(), 0});
  wdm::check_irql("WskGetNameInfo", PASSIVE_LEVEL);
  Endpoint endpoint;
  const auto bytes = static_cast<int>(std::min<ULONG>(address_bytes, sizeof(sockaddr_storage)));
  const bool is_bad = win32::is_bad_pointer(address) || bytes < 2 ||
                      win32::sockaddr_bytes(address->sa_family) == 0 ||
                      win32::read_sockaddr(address, bytes, address->sa_family, endpoint) != 0;
  if (is_bad || (node == nullptr && service == nullptr)) {
    return call.end({STATUS_INVALID_PARAMETER, 0});
  }
  return call.end({name_of(endpoint, flags, node, service), 0});
}

}  // namespace oriel::wsk
