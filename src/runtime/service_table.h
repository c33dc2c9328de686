// Services and protocols that every program may count on, for machines without /etc/services and
// /etc/protocols.
//
// Ports and numbers are IANA's; the names and aliases are those that the file of a Windows machine
// lists, because programs ask for them.
#pragma once

#include <optional>
#include <string_view>

#include "runtime/name_service.h"

namespace oriel::runtime {

/// By name or alias (letters as written), or by port; an empty protocol takes the first row.
std::optional<NamedNumber> service_table_row(std::string_view name, std::string_view protocol);
std::optional<NamedNumber> service_table_row(std::uint16_t port, std::string_view protocol);
std::optional<NamedNumber> protocol_table_row(std::string_view name);
std::optional<NamedNumber> protocol_table_row(int number);

}  // namespace oriel::runtime
