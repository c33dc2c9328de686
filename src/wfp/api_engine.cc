// Sessions, transactions, memory, providers, sublayers and callouts.
#include <fwpmu.h>

#include "wfp/engine_state.h"
#include "wfp/given_memory.h"

using namespace oriel::wfp;  // NOLINT(google-build-using-namespace)

namespace {}  // namespace

// There is one engine, this process's: a server name that is no NULL names another machine's.
DWORD WINAPI FwpmEngineOpen0(const wchar_t* serverName, UINT32 authnService,
                             struct _SEC_WINNT_AUTH_IDENTITY_W* /*authIdentity*/,
                             const FWPM_SESSION0* session, HANDLE* engineHandle) {
  if (engineHandle == nullptr) return kNullPointer;
  *engineHandle = nullptr;
  if (serverName != nullptr) return ERROR_NOT_SUPPORTED;
  if (authnService != RPC_C_AUTHN_WINNT && authnService != RPC_C_AUTHN_DEFAULT) {
    return static_cast<DWORD>(FWP_E_INVALID_PARAMETER);
  }
  return EngineState::instance().open(session, *engineHandle);
}

DWORD WINAPI FwpmEngineClose0(HANDLE engineHandle) {
  return EngineState::instance().close(engineHandle);
}

DWORD WINAPI FwpmTransactionBegin0(HANDLE engineHandle, UINT32 flags) {
  if ((flags & ~UINT32{FWPM_TXN_READ_ONLY}) != 0) return static_cast<DWORD>(FWP_E_INVALID_FLAGS);
  return EngineState::instance().begin(engineHandle, flags == FWPM_TXN_READ_ONLY);
}

DWORD WINAPI FwpmTransactionCommit0(HANDLE engineHandle) {
  return EngineState::instance().commit(engineHandle);
}

DWORD WINAPI FwpmTransactionAbort0(HANDLE engineHandle) {
  return EngineState::instance().abort(engineHandle);
}

VOID WINAPI FwpmFreeMemory0(VOID** p) {
  if (p == nullptr) return;
  take_back(*p);
  *p = nullptr;
}

DWORD WINAPI FwpmProviderAdd0(HANDLE engineHandle, const FWPM_PROVIDER0* provider, PVOID /*sd*/) {
  if (provider == nullptr) return kNullPointer;
  return EngineState::instance().write(engineHandle, [&](Store& store, SessionId owner) {
    return store.add_provider(*provider, owner);
  });
}

DWORD WINAPI FwpmProviderDeleteByKey0(HANDLE engineHandle, const GUID* key) {
  if (key == nullptr) return kNullPointer;
  return EngineState::instance().write(
      engineHandle, [&](Store& store, SessionId) { return store.delete_provider(*key); });
}

DWORD WINAPI FwpmSubLayerAdd0(HANDLE engineHandle, const FWPM_SUBLAYER0* subLayer, PVOID /*sd*/) {
  if (subLayer == nullptr) return kNullPointer;
  return EngineState::instance().write(engineHandle, [&](Store& store, SessionId owner) {
    return store.add_sublayer(*subLayer, owner);
  });
}

DWORD WINAPI FwpmSubLayerDeleteByKey0(HANDLE engineHandle, const GUID* key) {
  if (key == nullptr) return kNullPointer;
  return EngineState::instance().write(
      engineHandle, [&](Store& store, SessionId) { return store.delete_sublayer(*key); });
}

DWORD WINAPI FwpmCalloutAdd0(HANDLE engineHandle, const FWPM_CALLOUT0* callout, PVOID /*sd*/,
                             UINT32* id) {
  if (callout == nullptr) return kNullPointer;
  UINT32 made = 0;
  const DWORD e = EngineState::instance().write(engineHandle, [&](Store& store, SessionId owner) {
    return store.add_callout(*callout, owner, made);
  });
  if (e == ERROR_SUCCESS && id != nullptr) *id = made;
  return e;
}

DWORD WINAPI FwpmCalloutDeleteById0(HANDLE engineHandle, UINT32 id) {
  return EngineState::instance().write(
      engineHandle, [&](Store& store, SessionId) { return store.delete_callout(id); });
}

DWORD WINAPI FwpmCalloutDeleteByKey0(HANDLE engineHandle, const GUID* key) {
  if (key == nullptr) return kNullPointer;
  return EngineState::instance().write(
      engineHandle, [&](Store& store, SessionId) { return store.delete_callout(*key); });
}

DWORD WINAPI OrielFwpmCalloutBind0(HANDLE engineHandle, const GUID* calloutKey,
                                   ORIEL_FWPM_CLASSIFY_FN0 classify, void* context) {
  if (calloutKey == nullptr) return kNullPointer;
  return EngineState::instance().bind(engineHandle, *calloutKey, classify, context);
}
