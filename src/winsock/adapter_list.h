// GetAdaptersAddresses' list in a program's buffer: adapters, their addresses and texts, one behind
// the other, all linked by pointers into the same buffer.
#pragma once

#include <winsock2.h>
// After it: it builds on its types.
#include <iphlpapi.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "stack/adapters.h"

namespace oriel::winsock {

/// Room for pieces of the list, each aligned to 8: the buffer, or, to learn how much is needed,
/// memory of its own.
class ListRoom {
 public:
  ListRoom() = default;
  /// Requires: as many bytes as another room's `used` says.
  explicit ListRoom(void* buffer) : next_(static_cast<std::uint8_t*>(buffer)) {}

  std::size_t used() const { return used_; }
  /// Zeroed.
  void* take(std::size_t bytes);
  template <class T>
  T* make() {
    return static_cast<T*>(take(sizeof(T)));
  }
  char* text(const std::string& text);
  wchar_t* wide(const std::string& text);

 private:
  std::uint8_t* next_ = nullptr;
  std::size_t used_ = 0;
  std::vector<std::unique_ptr<std::uint8_t[]>> own_;
};

struct AdapterQuestion {
  ULONG family = AF_UNSPEC;
  ULONG flags = 0;
};

/// The name that if_indextoname gives: "loopback_0", "ethernet_2".
std::string adapter_name(const stack::Adapter& adapter);

/// Builds the list; nullptr: no adapter has an address of the family.
IP_ADAPTER_ADDRESSES* build_adapter_list(const std::vector<stack::Adapter>& adapters,
                                         const std::vector<IpAddress>& dns,
                                         const AdapterQuestion& question, ListRoom& room);

}  // namespace oriel::winsock
