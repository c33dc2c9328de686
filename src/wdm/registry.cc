// The keys, and the one call that reads them. Paths and names are compared without case.
#include "wdm/registry.h"

#include <wdm.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <cwctype>

#include "wdm/irql.h"
#include "win32/utf8.h"

namespace oriel::wdm {
namespace {

constexpr const wchar_t* kServices = L"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\";

std::wstring folded(std::wstring_view text) {
  std::wstring out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](wchar_t c) {
    return static_cast<wchar_t>(std::towlower(static_cast<std::wint_t>(c)));
  });
  return out;
}

std::map<std::wstring, RegistryKey>& keys() {
  static auto* const the = new std::map<std::wstring, RegistryKey>;  // outlives every thread
  return *the;
}

const RegistryKey* find_key(const std::wstring& path) {
  const auto found = keys().find(folded(path));
  return found == keys().end() ? nullptr : &found->second;
}

bool has_key_below(const std::wstring& path) {
  const std::wstring start = folded(path) + L"\\";
  return std::any_of(keys().begin(), keys().end(),
                     [&](const auto& key) { return key.first.starts_with(start); });
}

NTSTATUS give_text(const std::wstring& text, PUNICODE_STRING to) {
  const std::size_t bytes = text.size() * sizeof(WCHAR);
  const std::size_t with_end = bytes + sizeof(WCHAR);
  if (with_end > 0xffff) return STATUS_BUFFER_TOO_SMALL;
  if (to->Buffer == nullptr) {
    to->Buffer = static_cast<PWSTR>(ExAllocatePoolWithTag(NonPagedPool, with_end, 0));
    if (to->Buffer == nullptr) return STATUS_INSUFFICIENT_RESOURCES;
    to->MaximumLength = static_cast<USHORT>(with_end);
  }
  if (with_end > to->MaximumLength) return STATUS_BUFFER_TOO_SMALL;
  std::memcpy(to->Buffer, text.c_str(), with_end);
  to->Length = static_cast<USHORT>(bytes);
  return STATUS_SUCCESS;
}

NTSTATUS give(const RTL_QUERY_REGISTRY_TABLE& row, const RegistryValue& value, PVOID context) {
  if ((row.Flags & RTL_QUERY_REGISTRY_DIRECT) == 0) {
    std::uint32_t number = value.number;
    std::wstring text = value.text;
    const bool is_number = value.is_number;
    return row.QueryRoutine(
        row.Name, is_number ? REG_DWORD : REG_SZ,
        is_number ? static_cast<PVOID>(&number) : text.data(),
        static_cast<ULONG>(is_number ? sizeof number : (text.size() + 1) * sizeof(WCHAR)), context,
        row.EntryContext);
  }
  if ((row.Flags & RTL_QUERY_REGISTRY_TYPECHECK) != 0) {
    const ULONG wanted = row.DefaultType >> RTL_QUERY_REGISTRY_TYPECHECK_SHIFT;
    if (wanted != static_cast<ULONG>(value.is_number ? REG_DWORD : REG_SZ)) {
      return STATUS_OBJECT_TYPE_MISMATCH;
    }
  }
  if (!value.is_number)
    return give_text(value.text, static_cast<PUNICODE_STRING>(row.EntryContext));
  std::memcpy(row.EntryContext, &value.number, sizeof value.number);
  return STATUS_SUCCESS;
}

NTSTATUS give_default(const RTL_QUERY_REGISTRY_TABLE& row, PVOID context) {
  const ULONG type = row.DefaultType & 0xff;
  if ((row.Flags & RTL_QUERY_REGISTRY_REQUIRED) != 0) return STATUS_OBJECT_NAME_NOT_FOUND;
  if (type == REG_NONE || row.DefaultData == nullptr) return STATUS_SUCCESS;
  RegistryValue value;
  value.is_number = type == REG_DWORD;
  if (value.is_number) {
    std::memcpy(&value.number, row.DefaultData, sizeof value.number);
  } else {
    value.text = static_cast<PCWSTR>(row.DefaultData);
  }
  RTL_QUERY_REGISTRY_TABLE unchecked = row;
  unchecked.Flags &= ~static_cast<ULONG>(RTL_QUERY_REGISTRY_TYPECHECK);
  return give(unchecked, value, context);
}

}  // namespace

bool parse_key(std::string_view lines, RegistryKey& key) {
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
    if (line.empty()) continue;
    const std::size_t equals = line.find('=');
    if (equals == line.npos || equals == 0) return false;
    const std::string text(line.substr(equals + 1));
    RegistryValue value;
    value.text = win32::widen(text);
    constexpr std::size_t kDigitsMax = 10;
    if (!text.empty() && text.size() <= kDigitsMax &&
        text.find_first_not_of("0123456789") == text.npos) {
      const unsigned long long number = std::strtoull(text.c_str(), nullptr, 10);
      value.is_number = number <= 0xffffffffu;
      value.number = static_cast<std::uint32_t>(number);
    }
    key[folded(win32::widen(std::string(line.substr(0, equals))))] = value;
  }
  return true;
}

void set_key(const std::wstring& path, RegistryKey key) {
  keys()[folded(path)] = std::move(key);
}

}  // namespace oriel::wdm

using namespace oriel::wdm;

NTSTATUS NTAPI RtlQueryRegistryValues(ULONG relative_to, PCWSTR path,
                                      PRTL_QUERY_REGISTRY_TABLE table, PVOID context, PVOID) {
  check_irql("RtlQueryRegistryValues", PASSIVE_LEVEL);
  if (path == nullptr || table == nullptr) return STATUS_INVALID_PARAMETER;
  const ULONG root = relative_to & 0xff;
  if (root > RTL_REGISTRY_SERVICES) return STATUS_OBJECT_NAME_NOT_FOUND;
  const std::wstring top = root == RTL_REGISTRY_SERVICES ? std::wstring(kServices) + path : path;
  std::wstring at = top;
  if (find_key(at) == nullptr && !has_key_below(at)) return STATUS_OBJECT_NAME_NOT_FOUND;
  for (PRTL_QUERY_REGISTRY_TABLE row = table; row->QueryRoutine != nullptr || row->Name != nullptr;
       ++row) {
    if ((row->Flags & RTL_QUERY_REGISTRY_TOPKEY) != 0) at = top;
    if ((row->Flags & RTL_QUERY_REGISTRY_SUBKEY) != 0) {
      at = top + L"\\" + row->Name;
      continue;
    }
    if (row->Name == nullptr) continue;
    const RegistryKey* key = find_key(at);
    const RegistryValue* value = nullptr;
    if (key != nullptr) {
      const auto found = key->find(folded(row->Name));
      if (found != key->end()) value = &found->second;
    }
    const NTSTATUS status =
        value != nullptr ? give(*row, *value, context) : give_default(*row, context);
    if (!NT_SUCCESS(status)) return status;
  }
  return STATUS_SUCCESS;
}
