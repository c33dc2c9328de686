// The filter engine's objects: sessions, transactions, references, enumeration, and a documented
// error for everything that is wrong.
#include <fwpmu.h>
#include <winsock2.h>

#include <functional>
#include <string>

#include "api_winsock/filter_session.h"
#include "support/win_case.h"

namespace {

constexpr GUID kKey = {7, 7, 7, {7}};
constexpr GUID kOther = {7, 7, 7, {8}};

const GUID& any_layer() {
  return FWPM_LAYER_ALE_AUTH_CONNECT_V4;
}

UINT32 count(HANDLE engine) {
  HANDLE all = nullptr;
  CHECK_EQ(FwpmFilterCreateEnumHandle0(engine, nullptr, &all), 0u);
  FWPM_FILTER0** entries = nullptr;
  UINT32 n = 0;
  CHECK_EQ(FwpmFilterEnum0(engine, all, 1000, &entries, &n), 0u);
  FwpmFreeMemory0(reinterpret_cast<void**>(&entries));
  CHECK(entries == nullptr);
  CHECK_EQ(FwpmFilterDestroyEnumHandle0(engine, all), 0u);
  return n;
}

}  // namespace

WIN_CASE(FilterEngine, ADynamicSessionTakesItsObjectsAlong) {
  const FilterSession watcher(0);
  {
    const FilterSession session;
    add_sublayer(session, kKey, 1);
    FWPM_FILTER0 f = filter_at(any_layer(), FWP_ACTION_PERMIT);
    f.subLayerKey = kKey;
    add(session, f);
    CHECK_EQ(count(watcher.handle()), 1u);
  }
  CHECK_EQ(count(watcher.handle()), 0u);
  CHECK_EQ(FwpmSubLayerDeleteByKey0(watcher.handle(), &kKey), FWP_E_SUBLAYER_NOT_FOUND);
}

WIN_CASE(FilterEngine, AStaticSessionLeavesThem) {
  UINT64 id = 0;
  {
    const FilterSession session(0);
    id = add(session, filter_at(any_layer(), FWP_ACTION_PERMIT));
  }
  const FilterSession session;
  CHECK_EQ(count(session.handle()), 1u);
  CHECK_EQ(FwpmFilterDeleteById0(session.handle(), id), 0u);
  CHECK_EQ(count(session.handle()), 0u);
}

WIN_CASE(FilterEngine, TransactionsAreAllOrNothing) {
  const FilterSession session;
  const FilterSession other;
  const HANDLE h = session.handle();
  CHECK_EQ(FwpmTransactionCommit0(h), FWP_E_NO_TXN_IN_PROGRESS);
  CHECK_EQ(FwpmTransactionAbort0(h), FWP_E_NO_TXN_IN_PROGRESS);
  CHECK_EQ(FwpmTransactionBegin0(h, 2), FWP_E_INVALID_FLAGS);
  REQUIRE_EQ(FwpmTransactionBegin0(h, 0), 0u);
  CHECK_EQ(FwpmTransactionBegin0(h, 0), FWP_E_TXN_IN_PROGRESS);
  CHECK_EQ(FwpmTransactionBegin0(other.handle(), 0), FWP_E_TIMEOUT);
  add(session, filter_at(any_layer(), FWP_ACTION_PERMIT));
  CHECK_EQ(count(h), 1u);  // its own eyes only
  CHECK_EQ(count(other.handle()), 0u);
  CHECK_EQ(FwpmTransactionAbort0(h), 0u);
  CHECK_EQ(count(h), 0u);
  REQUIRE_EQ(FwpmTransactionBegin0(h, 0), 0u);
  add(session, filter_at(any_layer(), FWP_ACTION_PERMIT));
  CHECK_EQ(FwpmTransactionCommit0(h), 0u);
  CHECK_EQ(count(other.handle()), 1u);
  REQUIRE_EQ(FwpmTransactionBegin0(h, FWPM_TXN_READ_ONLY), 0u);
  FWPM_FILTER0 f = filter_at(any_layer(), FWP_ACTION_PERMIT);
  CHECK_EQ(FwpmFilterAdd0(h, &f, nullptr, nullptr), FWP_E_INCOMPATIBLE_TXN);
  CHECK_EQ(FwpmTransactionCommit0(h), 0u);
}

WIN_CASE(FilterEngine, ClosingASessionAbortsItsTransaction) {
  const FilterSession watcher;
  {
    const FilterSession session(0);
    REQUIRE_EQ(FwpmTransactionBegin0(session.handle(), 0), 0u);
    add(session, filter_at(any_layer(), FWP_ACTION_PERMIT));
  }
  CHECK_EQ(count(watcher.handle()), 0u);
  CHECK_EQ(FwpmTransactionBegin0(watcher.handle(), 0), 0u);
}

WIN_CASE(FilterEngine, WhatIsReferredToStays) {
  const FilterSession session;
  const HANDLE h = session.handle();
  add_sublayer(session, kKey, 1);
  add_callout(session, kOther, any_layer());
  FWPM_FILTER0 f = filter_at(any_layer(), FWP_ACTION_CALLOUT_INSPECTION);
  f.subLayerKey = kKey;
  f.action.calloutKey = kOther;
  const UINT64 id = add(session, f);
  CHECK_EQ(FwpmSubLayerDeleteByKey0(h, &kKey), FWP_E_IN_USE);
  CHECK_EQ(FwpmCalloutDeleteByKey0(h, &kOther), FWP_E_IN_USE);
  CHECK_EQ(FwpmFilterDeleteById0(h, id), 0u);
  CHECK_EQ(FwpmSubLayerDeleteByKey0(h, &kKey), 0u);
  CHECK_EQ(FwpmCalloutDeleteByKey0(h, &kOther), 0u);
  CHECK_EQ(FwpmSubLayerDeleteByKey0(h, &FWPM_SUBLAYER_UNIVERSAL), FWP_E_BUILTIN_OBJECT);
}

WIN_CASE(FilterEngine, EnumeratesHeaviestFirstWithCopies) {
  const FilterSession session;
  const HANDLE h = session.handle();
  for (const UINT8 weight : {UINT8{3}, UINT8{9}, UINT8{5}}) {
    FWPM_FILTER0 f = filter_at(any_layer(), FWP_ACTION_PERMIT);
    f.weight.type = FWP_UINT8;
    f.weight.uint8 = weight;
    add(session, f, {port_condition(FWPM_CONDITION_IP_REMOTE_PORT, weight)});
  }
  add(session, filter_at(FWPM_LAYER_STREAM_V6, FWP_ACTION_BLOCK));
  FWPM_FILTER_ENUM_TEMPLATE0 t{};
  t.layerKey = any_layer();
  t.actionMask = 0xffffffff;
  HANDLE all = nullptr;
  REQUIRE_EQ(FwpmFilterCreateEnumHandle0(h, &t, &all), 0u);
  FWPM_FILTER0** entries = nullptr;
  UINT32 n = 0;
  REQUIRE_EQ(FwpmFilterEnum0(h, all, 2, &entries, &n), 0u);
  REQUIRE_EQ(n, 2u);
  CHECK_EQ(entries[0]->weight.uint8, 9);
  CHECK_EQ(entries[1]->weight.uint8, 5);
  CHECK_EQ(entries[0]->filterCondition[0].conditionValue.uint16, 9);
  CHECK(std::wstring(entries[0]->displayData.name) == filter_name);
  CHECK(entries[0]->subLayerKey == FWPM_SUBLAYER_UNIVERSAL);
  FWPM_FILTER0* one = nullptr;
  REQUIRE_EQ(FwpmFilterGetByKey0(h, &entries[0]->filterKey, &one), 0u);
  CHECK_EQ(one->filterId, entries[0]->filterId);
  FwpmFreeMemory0(reinterpret_cast<void**>(&entries));
  FwpmFreeMemory0(reinterpret_cast<void**>(&one));
  REQUIRE_EQ(FwpmFilterEnum0(h, all, 2, &entries, &n), 0u);
  CHECK_EQ(n, 1u);
  FwpmFreeMemory0(reinterpret_cast<void**>(&entries));
  CHECK_EQ(FwpmFilterDestroyEnumHandle0(h, all), 0u);
  CHECK_EQ(FwpmFilterDestroyEnumHandle0(h, all), ERROR_INVALID_HANDLE);
}

WIN_CASE(FilterEngine, BadFiltersGiveTheirDocumentedErrors) {
  const FilterSession session;
  FWPM_FILTER_CONDITION0 c = port_condition(FWPM_CONDITION_IP_REMOTE_PORT, 80);
  FWP_RANGE0 range{};
  FWP_V4_ADDR_AND_MASK mask{0x0a000000, 0xff00ff00};
  FWP_V6_ADDR_AND_MASK mask6{{}, 129};
  GUID reserved{};
  const auto outcome = [&](const std::function<void(FWPM_FILTER0&)>& spoil) {
    FWPM_FILTER0 f = filter_at(any_layer(), FWP_ACTION_BLOCK);
    c = port_condition(FWPM_CONDITION_IP_REMOTE_PORT, 80);
    f.numFilterConditions = 1;
    f.filterCondition = &c;
    spoil(f);
    return FwpmFilterAdd0(session.handle(), &f, nullptr, nullptr);
  };
  const auto bad = [&](HRESULT expected, const std::function<void(FWPM_FILTER0&)>& spoil) {
    CHECK_EQ(outcome(spoil), static_cast<DWORD>(expected));
  };
  bad(FWP_E_NULL_DISPLAY_NAME, [](FWPM_FILTER0& f) { f.displayData.name = nullptr; });
  bad(FWP_E_INVALID_FLAGS, [](FWPM_FILTER0& f) { f.flags = 0x80000000; });
  bad(ERROR_NOT_SUPPORTED, [](FWPM_FILTER0& f) { f.flags = FWPM_FILTER_FLAG_PERSISTENT; });
  bad(FWP_E_LAYER_NOT_FOUND, [](FWPM_FILTER0& f) { f.layerKey = kKey; });
  bad(FWP_E_SUBLAYER_NOT_FOUND, [](FWPM_FILTER0& f) { f.subLayerKey = kKey; });
  bad(FWP_E_PROVIDER_NOT_FOUND, [&](FWPM_FILTER0& f) { f.providerKey = &reserved; });
  bad(FWP_E_RESERVED, [&](FWPM_FILTER0& f) { f.reserved = &reserved; });
  bad(FWP_E_INVALID_ACTION_TYPE, [](FWPM_FILTER0& f) { f.action.type = FWP_ACTION_CONTINUE; });
  bad(FWP_E_CALLOUT_NOT_FOUND,
      [](FWPM_FILTER0& f) { f.action.type = FWP_ACTION_CALLOUT_TERMINATING; });
  bad(FWP_E_INVALID_WEIGHT, [](FWPM_FILTER0& f) {
    f.weight.type = FWP_UINT8;
    f.weight.uint8 = 16;
  });
  bad(FWP_E_INVALID_WEIGHT, [](FWPM_FILTER0& f) { f.weight.type = FWP_UINT16; });
  bad(FWP_E_NULL_POINTER, [](FWPM_FILTER0& f) { f.filterCondition = nullptr; });
  bad(FWP_E_CONDITION_NOT_FOUND, [&](FWPM_FILTER0&) { c.fieldKey = kKey; });
  bad(FWP_E_TYPE_MISMATCH, [&](FWPM_FILTER0&) { c.conditionValue.type = FWP_UINT32; });
  bad(FWP_E_MATCH_TYPE_MISMATCH, [&](FWPM_FILTER0&) { c.matchType = FWP_MATCH_FLAGS_ALL_SET; });
  bad(FWP_E_INVALID_ENUMERATOR,
      [&](FWPM_FILTER0&) { c.matchType = static_cast<FWP_MATCH_TYPE>(99); });
  bad(FWP_E_NEVER_MATCH, [&](FWPM_FILTER0&) {
    c.matchType = FWP_MATCH_GREATER;
    c.conditionValue.uint16 = 65535;
  });
  bad(FWP_E_INVALID_RANGE, [&](FWPM_FILTER0&) {
    range.valueLow.type = range.valueHigh.type = FWP_UINT16;
    range.valueLow.uint16 = 9;
    c.matchType = FWP_MATCH_RANGE;
    c.conditionValue.type = FWP_RANGE_TYPE;
    c.conditionValue.rangeValue = &range;
  });
  bad(FWP_E_INVALID_NET_MASK, [&](FWPM_FILTER0&) {
    c.fieldKey = FWPM_CONDITION_IP_REMOTE_ADDRESS;
    c.conditionValue.type = FWP_V4_ADDR_MASK;
    c.conditionValue.v4AddrMask = &mask;
  });
  bad(FWP_E_INVALID_NET_MASK, [&](FWPM_FILTER0& f) {
    f.layerKey = FWPM_LAYER_ALE_AUTH_CONNECT_V6;
    c.fieldKey = FWPM_CONDITION_IP_REMOTE_ADDRESS;
    c.conditionValue.type = FWP_V6_ADDR_MASK;
    c.conditionValue.v6AddrMask = &mask6;
  });
  bad(FWP_E_TYPE_MISMATCH, [&](FWPM_FILTER0& f) {
    f.layerKey = FWPM_LAYER_ALE_AUTH_CONNECT_V6;
    c.fieldKey = FWPM_CONDITION_IP_REMOTE_ADDRESS;
    c.conditionValue.type = FWP_UINT32;
  });
  CHECK_EQ(outcome([](FWPM_FILTER0& f) { f.filterKey = kKey; }), 0u);
  bad(FWP_E_ALREADY_EXISTS, [](FWPM_FILTER0& f) { f.filterKey = kKey; });
  CHECK_EQ(count(session.handle()), 1u);
}

WIN_CASE(FilterEngine, BadCallsGiveTheirDocumentedErrors) {
  const FilterSession session;
  const HANDLE h = session.handle();
  const HANDLE stale = reinterpret_cast<HANDLE>(0x1234);
  FWPM_FILTER0 f = filter_at(any_layer(), FWP_ACTION_BLOCK);
  FWPM_FILTER0* found = nullptr;
  FWPM_SUBLAYER0 sublayer{};
  FWPM_CALLOUT0 callout{};
  FWPM_PROVIDER0 provider{};
  FWPM_SESSION0 bad_session{};
  bad_session.flags = 0x40;
  HANDLE engine = nullptr;
  CHECK_EQ(FwpmEngineOpen0(nullptr, RPC_C_AUTHN_WINNT, nullptr, nullptr, nullptr),
           FWP_E_NULL_POINTER);
  CHECK_EQ(FwpmEngineOpen0(L"elsewhere", RPC_C_AUTHN_WINNT, nullptr, nullptr, &engine),
           ERROR_NOT_SUPPORTED);
  CHECK_EQ(FwpmEngineOpen0(nullptr, 77, nullptr, nullptr, &engine), FWP_E_INVALID_PARAMETER);
  CHECK_EQ(FwpmEngineOpen0(nullptr, RPC_C_AUTHN_DEFAULT, nullptr, &bad_session, &engine),
           FWP_E_INVALID_FLAGS);
  CHECK_EQ(FwpmEngineClose0(stale), ERROR_INVALID_HANDLE);
  CHECK_EQ(FwpmTransactionBegin0(nullptr, 0), ERROR_INVALID_HANDLE);
  CHECK_EQ(FwpmFilterAdd0(stale, &f, nullptr, nullptr), ERROR_INVALID_HANDLE);
  CHECK_EQ(FwpmFilterAdd0(h, nullptr, nullptr, nullptr), FWP_E_NULL_POINTER);
  CHECK_EQ(FwpmFilterDeleteById0(h, 99), FWP_E_FILTER_NOT_FOUND);
  CHECK_EQ(FwpmFilterDeleteByKey0(h, &kOther), FWP_E_FILTER_NOT_FOUND);
  CHECK_EQ(FwpmFilterDeleteByKey0(h, nullptr), FWP_E_NULL_POINTER);
  CHECK_EQ(FwpmFilterGetById0(h, 99, &found), FWP_E_FILTER_NOT_FOUND);
  CHECK_EQ(FwpmFilterGetById0(h, 99, nullptr), FWP_E_NULL_POINTER);
  CHECK_EQ(FwpmSubLayerAdd0(h, &sublayer, nullptr), FWP_E_NULL_DISPLAY_NAME);
  CHECK_EQ(FwpmSubLayerAdd0(h, nullptr, nullptr), FWP_E_NULL_POINTER);
  sublayer.displayData.name = filter_name;
  sublayer.subLayerKey = FWPM_SUBLAYER_UNIVERSAL;
  CHECK_EQ(FwpmSubLayerAdd0(h, &sublayer, nullptr), FWP_E_ALREADY_EXISTS);
  sublayer.flags = FWPM_SUBLAYER_FLAG_PERSISTENT;
  CHECK_EQ(FwpmSubLayerAdd0(h, &sublayer, nullptr), ERROR_NOT_SUPPORTED);
  CHECK_EQ(FwpmSubLayerDeleteByKey0(h, &kOther), FWP_E_SUBLAYER_NOT_FOUND);
  callout.displayData.name = filter_name;
  callout.applicableLayer = kKey;
  CHECK_EQ(FwpmCalloutAdd0(h, &callout, nullptr, nullptr), FWP_E_LAYER_NOT_FOUND);
  CHECK_EQ(FwpmCalloutDeleteById0(h, 99), FWP_E_CALLOUT_NOT_FOUND);
  CHECK_EQ(FwpmCalloutDeleteByKey0(h, &kOther), FWP_E_CALLOUT_NOT_FOUND);
  CHECK_EQ(OrielFwpmCalloutBind0(h, &kOther, nullptr, nullptr), FWP_E_CALLOUT_NOT_FOUND);
  add_callout(session, kOther, FWPM_LAYER_STREAM_V4);
  f.action.type = FWP_ACTION_CALLOUT_TERMINATING;
  f.action.calloutKey = kOther;
  CHECK_EQ(FwpmFilterAdd0(h, &f, nullptr, nullptr), FWP_E_INCOMPATIBLE_LAYER);
  CHECK_EQ(FwpmProviderAdd0(h, &provider, nullptr), FWP_E_NULL_DISPLAY_NAME);
  provider.displayData.name = filter_name;
  provider.providerKey = kKey;
  CHECK_EQ(FwpmProviderAdd0(h, &provider, nullptr), 0u);
  CHECK_EQ(FwpmProviderAdd0(h, &provider, nullptr), FWP_E_ALREADY_EXISTS);
  CHECK_EQ(FwpmProviderDeleteByKey0(h, &kKey), 0u);
  CHECK_EQ(FwpmProviderDeleteByKey0(h, &kKey), FWP_E_PROVIDER_NOT_FOUND);
  int on_the_stack = 0;
  void* nothing_of_ours = &on_the_stack;
  FwpmFreeMemory0(&nothing_of_ours);
  FwpmFreeMemory0(nullptr);
}
