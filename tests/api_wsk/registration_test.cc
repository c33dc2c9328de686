// Registration and capture: versions, waiting, who waits for whom.
#include <thread>

#include "api_wsk/wsk_case.h"

namespace {

using namespace wsk_case;

WIN_CASE(WskRegistration, CapturesAndReleases) {
  REQ("WSK-1");
  WSK_CLIENT_NPI npi = {nullptr, &kClientDispatch};
  WSK_REGISTRATION registration;
  REQUIRE_EQ(WskRegister(&npi, &registration), STATUS_SUCCESS);
  WSK_PROVIDER_NPI provider{};
  REQUIRE_EQ(WskCaptureProviderNPI(&registration, WSK_NO_WAIT, &provider), STATUS_SUCCESS);
  CHECK(provider.Client != nullptr);
  CHECK_EQ(provider.Dispatch->Version, MAKE_WSK_VERSION(1, 0));
  CHECK(provider.Dispatch->WskSocket != nullptr);
  CHECK(provider.Dispatch->WskGetNameInfo != nullptr);
  WSK_PROVIDER_CHARACTERISTICS what{};
  CHECK_EQ(WskQueryProviderCharacteristics(&registration, &what), STATUS_SUCCESS);
  CHECK_EQ(what.LowestVersion, MAKE_WSK_VERSION(1, 0));
  CHECK_GE(what.HighestVersion, what.LowestVersion);
  WskReleaseProviderNPI(&registration);
  WskDeregister(&registration);
  CHECK_EQ(WskCaptureProviderNPI(&registration, WSK_NO_WAIT, &provider), STATUS_DEVICE_NOT_READY);
  CHECK_EQ(WskCaptureProviderNPI(&registration, WSK_INFINITE_WAIT, &provider),
           STATUS_DEVICE_NOT_READY);
}

WIN_CASE(WskRegistration, AVersionThatIsNotThereIsRefused) {
  REQ("WSK-1");
  for (const USHORT version :
       {MAKE_WSK_VERSION(0, 9), MAKE_WSK_VERSION(1, 7), MAKE_WSK_VERSION(2, 0)}) {
    const WSK_CLIENT_DISPATCH dispatch = {version, 0, nullptr};
    WSK_CLIENT_NPI npi = {nullptr, &dispatch};
    WSK_REGISTRATION registration;
    REQUIRE_EQ(WskRegister(&npi, &registration), STATUS_SUCCESS);
    WSK_PROVIDER_NPI provider{};
    CHECK_EQ(WskCaptureProviderNPI(&registration, WSK_INFINITE_WAIT, &provider),
             STATUS_NOINTERFACE);
    WskDeregister(&registration);
  }
}

WIN_CASE(WskRegistration, BadArguments) {
  WSK_CLIENT_NPI npi = {nullptr, &kClientDispatch};
  WSK_CLIENT_NPI without = {nullptr, nullptr};
  WSK_REGISTRATION registration{};
  WSK_PROVIDER_NPI provider{};
  WSK_PROVIDER_CHARACTERISTICS what{};
  CHECK_EQ(WskRegister(nullptr, &registration), STATUS_INVALID_PARAMETER);
  CHECK_EQ(WskRegister(&npi, nullptr), STATUS_INVALID_PARAMETER);
  CHECK_EQ(WskRegister(&without, &registration), STATUS_INVALID_PARAMETER);
  CHECK_EQ(WskCaptureProviderNPI(nullptr, 0, &provider), STATUS_INVALID_PARAMETER);
  CHECK_EQ(WskCaptureProviderNPI(&registration, 0, &provider), STATUS_DEVICE_NOT_READY);
  CHECK_EQ(WskQueryProviderCharacteristics(&registration, &what), STATUS_DEVICE_NOT_READY);
  CHECK_EQ(WskQueryProviderCharacteristics(&registration, nullptr), STATUS_INVALID_PARAMETER);
  WskReleaseProviderNPI(nullptr);
  WskDeregister(nullptr);
}

WIN_CASE(WskRegistration, DeregisterWaitsForCapturesAndSockets) {
  REQ("WSK-1");
  WSK_CLIENT_NPI npi = {nullptr, &kClientDispatch};
  WSK_REGISTRATION registration;
  REQUIRE_EQ(WskRegister(&npi, &registration), STATUS_SUCCESS);
  WSK_PROVIDER_NPI provider{};
  REQUIRE_EQ(WskCaptureProviderNPI(&registration, WSK_NO_WAIT, &provider), STATUS_SUCCESS);
  Irp made, changes;
  REQUIRE_EQ(run(made,
                 [&](PIRP i) {
                   return provider.Dispatch->WskSocket(provider.Client, AF_INET, SOCK_STREAM,
                                                       IPPROTO_TCP, WSK_FLAG_LISTEN_SOCKET, nullptr,
                                                       nullptr, nullptr, nullptr, nullptr, i);
                 }),
             STATUS_SUCCESS);
  CHECK_EQ(provider.Dispatch->WskControlClient(provider.Client, WSK_TRANSPORT_LIST_CHANGE, 0,
                                               nullptr, 0, nullptr, nullptr, changes.get()),
           STATUS_PENDING);
  std::atomic<bool> has_ended{false};
  std::thread deregisters([&] {
    WskDeregister(&registration);
    has_ended = true;
  });
  CHECK_EQ(changes.wait(), STATUS_CANCELLED);  // deregistering has begun
  CHECK(!has_ended);
  WskReleaseProviderNPI(&registration);
  CHECK(!has_ended);
  CHECK_EQ(close(made.socket()), STATUS_SUCCESS);
  deregisters.join();
  CHECK(has_ended);
}

}  // namespace
