// The tables, and a search through them row by row: they are short and rarely asked.
#include "runtime/service_table.h"

#include <array>

namespace oriel::runtime {
namespace {

struct ServiceRow {
  std::string_view name, alias;
  std::uint16_t port;
  bool is_tcp, is_udp;
};

constexpr ServiceRow kServices[] = {
    {"echo", "", 7, true, true},
    {"discard", "sink", 9, true, true},
    {"systat", "users", 11, true, true},
    {"daytime", "", 13, true, true},
    {"qotd", "quote", 17, true, true},
    {"chargen", "ttytst", 19, true, true},
    {"ftp-data", "", 20, true, false},
    {"ftp", "", 21, true, false},
    {"ssh", "", 22, true, false},
    {"telnet", "", 23, true, false},
    {"smtp", "mail", 25, true, false},
    {"time", "timserver", 37, true, true},
    {"nameserver", "name", 42, true, true},
    {"nicname", "whois", 43, true, false},
    {"domain", "", 53, true, true},
    {"bootps", "dhcps", 67, false, true},
    {"bootpc", "dhcpc", 68, false, true},
    {"tftp", "", 69, false, true},
    {"gopher", "", 70, true, false},
    {"finger", "", 79, true, false},
    {"http", "www", 80, true, false},
    {"kerberos", "krb5", 88, true, true},
    {"pop3", "", 110, true, false},
    {"sunrpc", "rpcbind", 111, true, true},
    {"auth", "ident", 113, true, false},
    {"nntp", "usenet", 119, true, false},
    {"ntp", "", 123, false, true},
    {"epmap", "loc-srv", 135, true, true},
    {"netbios-ns", "nbname", 137, true, true},
    {"netbios-dgm", "nbdatagram", 138, false, true},
    {"netbios-ssn", "nbsession", 139, true, false},
    {"imap", "imap4", 143, true, false},
    {"snmp", "", 161, false, true},
    {"snmptrap", "snmp-trap", 162, false, true},
    {"bgp", "", 179, true, false},
    {"irc", "", 194, true, false},
    {"ldap", "", 389, true, false},
    {"https", "MCom", 443, true, true},
    {"microsoft-ds", "", 445, true, true},
    {"isakmp", "ike", 500, false, true},
    {"exec", "", 512, true, false},
    {"login", "", 513, true, false},
    {"cmd", "shell", 514, true, false},
    {"syslog", "", 514, false, true},
    {"printer", "spooler", 515, true, false},
    {"ldaps", "sldap", 636, true, false},
    {"ftps", "", 990, true, false},
    {"telnets", "", 992, true, false},
    {"imaps", "", 993, true, false},
    {"pop3s", "", 995, true, false},
    {"ms-sql-s", "", 1433, true, true},
    {"nfs", "nfsd", 2049, true, true},
    {"ms-wbt-server", "", 3389, true, false},
};

struct ProtocolRow {
  std::string_view name, alias;
  int number;
};

constexpr ProtocolRow kProtocols[] = {
    {"ip", "IP", 0},
    {"icmp", "ICMP", 1},
    {"ggp", "GGP", 3},
    {"tcp", "TCP", 6},
    {"egp", "EGP", 8},
    {"pup", "PUP", 12},
    {"udp", "UDP", 17},
    {"hmp", "HMP", 20},
    {"xns-idp", "XNS-IDP", 22},
    {"rdp", "RDP", 27},
    {"ipv6", "IPv6", 41},
    {"ipv6-route", "IPv6-Route", 43},
    {"ipv6-frag", "IPv6-Frag", 44},
    {"esp", "ESP", 50},
    {"ah", "AH", 51},
    {"ipv6-icmp", "IPv6-ICMP", 58},
    {"ipv6-nonxt", "IPv6-NoNxt", 59},
    {"ipv6-opts", "IPv6-Opts", 60},
    {"rvd", "RVD", 66},
};

bool is_named(std::string_view asked, std::string_view name, std::string_view alias) {
  return asked == name || (!alias.empty() && asked == alias);
}

NamedNumber to_named(std::string_view name, std::string_view alias, int number,
                     std::string_view protocol) {
  NamedNumber out{std::string(name), {}, static_cast<std::uint16_t>(number), std::string(protocol)};
  if (!alias.empty()) out.aliases.emplace_back(alias);
  return out;
}

// The protocol under which the row answers, or "" when it does not.
std::string_view protocol_of(const ServiceRow& row, std::string_view asked) {
  if (row.is_tcp && (asked.empty() || asked == "tcp")) return "tcp";
  if (row.is_udp && (asked.empty() || asked == "udp")) return "udp";
  return "";
}

}  // namespace

std::optional<NamedNumber> service_table_row(std::string_view name, std::string_view protocol) {
  for (const ServiceRow& row : kServices) {
    const std::string_view over = protocol_of(row, protocol);
    if (!over.empty() && is_named(name, row.name, row.alias)) {
      return to_named(row.name, row.alias, row.port, over);
    }
  }
  return std::nullopt;
}

std::optional<NamedNumber> service_table_row(std::uint16_t port, std::string_view protocol) {
  for (const ServiceRow& row : kServices) {
    const std::string_view over = protocol_of(row, protocol);
    if (!over.empty() && row.port == port) return to_named(row.name, row.alias, row.port, over);
  }
  return std::nullopt;
}

std::optional<NamedNumber> protocol_table_row(std::string_view name) {
  for (const ProtocolRow& row : kProtocols) {
    if (is_named(name, row.name, row.alias)) return to_named(row.name, row.alias, row.number, "");
  }
  return std::nullopt;
}

std::optional<NamedNumber> protocol_table_row(int number) {
  for (const ProtocolRow& row : kProtocols) {
    if (row.number == number) return to_named(row.name, row.alias, row.number, "");
  }
  return std::nullopt;
}

}  // namespace oriel::runtime
