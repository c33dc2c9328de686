// From words to a host with one link.
#include "nc_options.h"
#include "oriel/settings_store.h"

namespace oriel::cli {

Result<Host> open_nc_host(const NcOptions& o) {
  const auto settings = SettingsStore::open();
  if (!settings) return Failure(settings.error());
  auto device = open_link(o.link);
  if (!device) return Failure(device.error());
  HostOptions options;
  options.settings = o.mode ? o.mode->settings : settings->host_settings();
  auto host = Host::create(options);
  if (!host) return host;
  LinkOptions link;
  link.addresses = o.addresses;
  if (o.link == "user") {
    const UserNetPlan plan = user_net_plan();
    if (link.addresses.empty()) link.addresses = {plan.address_v4, plan.address_v6};
    link.gateway_v4 = plan.gateway_v4;
    link.gateway_v6 = plan.gateway_v6;
  }
  for (const IpAddress& g : o.gateways) (g.is_v4() ? link.gateway_v4 : link.gateway_v6) = g;
  const auto added = host->add_link(std::move(*device), link);
  if (!added) return Failure(added.error());
  return host;
}

}  // namespace oriel::cli
