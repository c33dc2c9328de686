// `oriel nc`: words into options, then TCP or UDP.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "nc_options.h"
#include "stop_signal.h"
#include "verbs.h"

namespace oriel::cli {
namespace {

struct NcWords {
  NcOptions options;
  std::string host;
  std::string port;
};

// What the options may not be together. Empty: fine.
std::string contradiction(NcWords& w) {
  NcOptions& o = w.options;
  if (o.addresses.empty() && o.link != "user")
    return "--address is missing: the link " + o.link +
           " needs the stack's own address and its network, as in 10.0.0.2/24";
  if (o.listen_port != 0 && !w.host.empty())
    return "write either --listen PORT or HOST PORT, not both";
  if (!o.send_file.empty() && !o.receive_file.empty())
    return "write either --send or --receive, not both";
  if (o.listen_port != 0) return {};
  if (w.host.empty() || w.port.empty()) return "write HOST PORT to connect, or --listen PORT";
  const auto address = IpAddress::parse(w.host);
  if (!address)
    return "'" + w.host +
           "' is not an address: write 10.0.0.1 or fd00::1 (names are not looked up)";
  const auto port = parse_port(w.port);
  if (!port) return port.error().message();
  o.remote = Endpoint{*address, *port};
  return {};
}

int run_nc(NcWords& w) {
  const std::string wrong = contradiction(w);
  if (!wrong.empty()) return complain("nc", wrong, kExitUsage);
  block_stop_signals();
  auto host = open_nc_host(w.options);
  if (!host) return complain("nc", host.error().message(), kExitUsage);
  return w.options.is_udp ? run_nc_udp(*host, w.options) : run_nc_tcp(*host, w.options);
}

}  // namespace

void add_nc(CLI::App& app, Run& run) {
  CLI::App* nc =
      app.add_subcommand("nc", "A netcat on Oriel's own TCP and UDP, over a packet device.");
  auto w = std::make_shared<NcWords>();
  NcOptions& o = w->options;
  nc->add_option("--link", o.link, "user (no rights needed), tun:NAME, tap:NAME or unix:PATH")
      ->capture_default_str();
  add_unit_option(nc, "--address", o.addresses, parse_prefixes,
                  "own addresses with their networks, as in 10.0.0.2/24,fd00::2/64; a user link "
                  "has its own");
  add_unit_option(nc, "--gateway", o.gateways, parse_addresses, "way to other networks");
  add_unit_option(nc, "--listen", o.listen_port, parse_port,
                  "wait for one connection to this port");
  nc->add_option("HOST", w->host, "address to connect to");
  nc->add_option("PORT", w->port, "its port");
  nc->add_option("--send", o.send_file,
                 "send this file (- is standard input), half-close, end when the peer has closed");
  nc->add_option("--receive", o.receive_file,
                 "write what comes to this file (- is standard output) until the peer closes");
  add_unit_option(nc, "--mode", o.mode, find_lab_mode,
                  "receive window by a mode of oriel lab compat --help, whatever the settings say");
  nc->add_flag("--udp", o.is_udp, "datagrams instead of a connection");
  add_unit_option(nc, "--idle", o.idle, parse_time, "UDP: end after this long without a datagram");
  nc->add_flag("--info", o.has_info,
               "print what the connection says about itself, at the end, to standard error");
  nc->add_flag("--json", o.is_json, "with --info: as JSON");
  nc->footer(
      "Without --send and --receive: standard input goes out, what comes goes to standard output.\n"
      "Examples:\n"
      "  ip tuntap add dev oriel0 mode tun; ip addr add 10.0.0.1/24 dev oriel0; ip link set oriel0 "
      "up\n"
      "  oriel nc --link tun:oriel0 --address 10.0.0.2/24 --listen 9000 --receive copy.bin --info\n"
      "  oriel nc --link tun:oriel0 --address 10.0.0.2/24 10.0.0.1 9000 --send file.bin\n"
      "  oriel nc --link user 10.0.2.2 8080     the machine's own 127.0.0.1:8080\n"
      "  printf 'GET / HTTP/1.0\\r\\n\\r\\n' | oriel nc --address 10.0.0.2/24 10.0.0.1 8080");
  nc->callback([w, &run] {
    run = [w]() -> int {
      const int code = run_nc(*w);
      std::fflush(nullptr);
      // Threads may still sit in read() of standard input; nothing of theirs is to be destroyed.
      std::_Exit(code);
    };
  });
}

}  // namespace oriel::cli
