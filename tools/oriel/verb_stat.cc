// `oriel stat`: what all of this user's processes on Oriel are connected to.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "json_writer.h"
#include "oriel/stat.h"
#include "verbs.h"

namespace oriel::cli {
namespace {

struct StatWords {
  std::string host;
  bool is_json = false;
  bool has_reasons = false;
  Duration limit = std::chrono::milliseconds(500);
};

std::string domain_of(const StatWords& w) {
  if (!w.host.empty()) return w.host;
  const char* word = std::getenv("ORIEL_HOST");
  return word != nullptr && *word != '\0' ? word : "default";
}

std::string remote_of(const ConnectionReport& c) {
  return c.remote.port == 0 ? std::string() : c.remote.to_string();
}

/// A dash stands for "nothing to say" between processes; people and programs get nothing.
std::string said(const std::string& word) {
  return word == "-" ? std::string() : word;
}

void print_json(const std::vector<ProcessReport>& all) {
  JsonWriter json;
  json.begin_object();
  json.begin_array("processes");
  for (const ProcessReport& p : all) {
    json.begin_object();
    json.field("pid", std::int64_t{p.pid});
    json.field("program", std::string_view(p.program));
    json.field("is_answering", p.is_answering);
    json.begin_array("connections");
    for (const ConnectionReport& c : p.connections) {
      json.begin_object();
      json.field("protocol", std::string_view(c.protocol));
      json.field("local", std::string_view(c.local.to_string()));
      json.field("remote", std::string_view(remote_of(c)));
      json.field("state", std::string_view(c.state));
      json.field("path", std::string_view(said(c.path)));
      json.field("reason", std::string_view(said(c.reason)));
      json.field("window_bytes", c.window_bytes);
      json.field("ideal_send_backlog", c.ideal_send_backlog);
      json.field("round_trip_us", c.round_trip_us);
      json.field("bytes_in", c.bytes_in);
      json.field("bytes_out", c.bytes_out);
      json.end_object();
    }
    json.end_array();
    json.end_object();
  }
  json.end_array();
  json.end_object();
  fmt::print("{}\n", json.text());
}

void print_table(const std::vector<ProcessReport>& all, bool has_reasons) {
  fmt::print("{:>7} {:<15} {:<4} {:<22} {:<22} {:<12} {:<8} {:>9} {:>9} {:>8} {:>12} {:>12}{}\n",
             "PID", "PROGRAM", "", "LOCAL", "REMOTE", "STATE", "PATH", "WINDOW", "ISB", "RTT us",
             "IN", "OUT", has_reasons ? "  WHY" : "");
  for (const ProcessReport& p : all) {
    if (!p.is_answering) {
      fmt::print("{:>7} {:<15} does not answer\n", p.pid, p.program);
      continue;
    }
    for (const ConnectionReport& c : p.connections) {
      fmt::print(
          "{:>7} {:<15} {:<4} {:<22} {:<22} {:<12} {:<8} {:>9} {:>9} {:>8} {:>12} {:>12}{}\n",
          p.pid, p.program, c.protocol, c.local.to_string(), remote_of(c), c.state, said(c.path),
          c.window_bytes, c.ideal_send_backlog, c.round_trip_us, c.bytes_in, c.bytes_out,
          has_reasons && c.reason != "-" ? "  " + c.reason : "");
    }
  }
}

int run_stat(const StatWords& w) {
  const auto all = ask_processes(domain_of(w), w.limit);
  if (!all) return complain("stat", all.error().message(), kExitUsage);
  if (w.is_json) {
    print_json(*all);
  } else {
    print_table(*all, w.has_reasons);
  }
  return kExitDone;
}

}  // namespace

void add_stat(CLI::App& app, Run& run) {
  CLI::App* verb = app.add_subcommand(
      "stat", "Lists the connections of all of your programs that run on Oriel.");
  auto w = std::make_shared<StatWords>();
  verb->add_option("--host", w->host, "those that share this loopback (ORIEL_HOST, default)");
  verb->add_flag("--why", w->has_reasons, "say why each connection takes its path");
  verb->add_flag("--json", w->is_json, "one JSON object on standard output");
  add_unit_option(verb, "--limit", w->limit, parse_time,
                  "how long to wait for answers (500ms); who does not answer is named");
  verb->footer(
      "Only your own processes are asked, each for itself.\n"
      "Examples:\n"
      "  oriel stat --why\n"
      "  oriel stat --json --host test | jq '.processes[].connections[].state'");
  verb->callback([&run, w] { run = [w] { return run_stat(*w); }; });
}

}  // namespace oriel::cli
