// A driver in C++, from installed files only: the standard library's headers beside the kernel's.
#include <ntddk.h>
#include <wsk.h>

#include <memory>
#include <string>

extern "C" DRIVER_INITIALIZE DriverEntry;

namespace {

struct PoolDelete {
  void operator()(void* memory) const { ExFreePoolWithTag(memory, 'ptuo'); }
};

std::string greeting() {
  const std::unique_ptr<void, PoolDelete> memory(ExAllocatePoolWithTag(NonPagedPool, 16, 'ptuo'));
  return memory ? "outside: C++ runs" : "outside: no pool";
}

VOID NTAPI unload(PDRIVER_OBJECT) {}

}  // namespace

extern "C" NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING) {
  static_assert(sizeof(WSK_PROVIDER_CONNECTION_DISPATCH::Basic) == 2 * sizeof(void*), "");
  DbgPrint("%s\n", greeting().c_str());
  driver->DriverUnload = unload;
  return STATUS_SUCCESS;
}
