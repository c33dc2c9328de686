// WskGetAddressInfo, WskFreeAddressInfo, WskGetNameInfo.
#include "wsk/client_call.h"
#include "wsk/dispatch_tables.h"

namespace oriel::wsk {

NTSTATUS WSKAPI wsk_get_address_info(PWSK_CLIENT client, PUNICODE_STRING, PUNICODE_STRING, ULONG,
                                     GUID*, PADDRINFOEXW, PADDRINFOEXW*, PEPROCESS, PETHREAD,
                                     PIRP irp) {
  ClientCall call("WskGetAddressInfo", client, irp, IrpRule::kRequired);
  if (call.refusal() != STATUS_SUCCESS) return call.end({call.refusal(), 0});
  return call.end({STATUS_NOT_IMPLEMENTED, 0});
}

VOID WSKAPI wsk_free_address_info(PWSK_CLIENT, PADDRINFOEXW) {}

NTSTATUS WSKAPI wsk_get_name_info(PWSK_CLIENT client, PSOCKADDR, ULONG, PUNICODE_STRING,
                                  PUNICODE_STRING, ULONG, PEPROCESS, PETHREAD, PIRP irp) {
  ClientCall call("WskGetNameInfo", client, irp, IrpRule::kRequired);
  if (call.refusal() != STATUS_SUCCESS) return call.end({call.refusal(), 0});
  return call.end({STATUS_NOT_IMPLEMENTED, 0});
}

}  // namespace oriel::wsk
