// The five functions that drivers link to, and the interface's name.
//
// A WSK_REGISTRATION names its client by address; the rest of it is not used. One that was never
// registered, or is no more, is refused.
#include <wsk.h>

#include <cstring>

#include "wdm/irql.h"
#include "wsk/client.h"
#include "wsk/dispatch_tables.h"

const NPIID NPI_WSK_INTERFACE_ID = {
    0x2227e803, 0x8d8b, 0x11d4, {0xab, 0xad, 0x00, 0x90, 0x27, 0x71, 0x9e, 0x09}};

namespace oriel::wsk {
namespace {

constexpr USHORT kLowestVersion = MAKE_WSK_VERSION(1, 0);
constexpr USHORT kHighestVersion = MAKE_WSK_VERSION(1, 0);

bool is_supported(USHORT version) {
  return version >= kLowestVersion && version <= kHighestVersion;
}

runtime::Ref<Client> client_of(const WSK_REGISTRATION* registration) {
  if (registration == nullptr) return {};
  return find_client(registration->ReservedRegistrationContext);
}

}  // namespace
}  // namespace oriel::wsk

using namespace oriel::wsk;  // NOLINT(google-build-using-namespace): exported functions

// REQ WSK-1
NTSTATUS NTAPI WskRegister(PWSK_CLIENT_NPI npi, PWSK_REGISTRATION registration) {
  if (npi == nullptr || npi->Dispatch == nullptr || registration == nullptr) {
    return STATUS_INVALID_PARAMETER;
  }
  const auto client = oriel::runtime::make_ref<Client>(*npi);
  add_client(client);
  std::memset(registration, 0, sizeof *registration);
  registration->ReservedRegistrationContext = client.get();
  return STATUS_SUCCESS;
}

NTSTATUS NTAPI WskCaptureProviderNPI(PWSK_REGISTRATION registration, ULONG timeout,
                                     PWSK_PROVIDER_NPI npi) {
  if (registration == nullptr || npi == nullptr) return STATUS_INVALID_PARAMETER;
  const auto client = client_of(registration);
  if (!client) return STATUS_DEVICE_NOT_READY;
  if (!is_supported(client->version())) return STATUS_NOINTERFACE;
  if (timeout != WSK_NO_WAIT) oriel::wdm::check_irql("WskCaptureProviderNPI", PASSIVE_LEVEL);
  const NTSTATUS status = client->capture(timeout);
  if (status == STATUS_SUCCESS) *npi = {client.get(), &provider_dispatch()};
  return status;
}

VOID NTAPI WskReleaseProviderNPI(PWSK_REGISTRATION registration) {
  if (const auto client = client_of(registration)) client->release_capture();
}

NTSTATUS NTAPI WskQueryProviderCharacteristics(PWSK_REGISTRATION registration,
                                               PWSK_PROVIDER_CHARACTERISTICS characteristics) {
  if (registration == nullptr || characteristics == nullptr) return STATUS_INVALID_PARAMETER;
  if (!client_of(registration)) return STATUS_DEVICE_NOT_READY;
  *characteristics = {kHighestVersion, kLowestVersion};
  return STATUS_SUCCESS;
}

VOID NTAPI WskDeregister(PWSK_REGISTRATION registration) {
  const auto client = client_of(registration);
  if (!client) return;
  oriel::wdm::check_irql("WskDeregister", PASSIVE_LEVEL);
  client->deregister();
  remove_client(*client);
}
