// What `oriel run` and `oriel wsk-run` let a person say about the stack of the program that they
// start.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace oriel::cli {

struct RunOptions {
  std::string link;
  std::string address;
  std::string gateway;
  std::string dns;
  std::vector<std::string> publish;
  std::string link_rate;
  std::string pcap;
  std::string host;
  std::string config;
  std::string end_wait;
  std::vector<std::string> set;  ///< NAME=VALUE
  std::string profile;
};

/// Adds --link, --address and the rest to `verb`; their words arrive in `options`, which outlives
/// it.
void add_run_options(CLI::App& verb, RunOptions& options);

/// Into the environment of this process. What was not written leaves its variable as it is.
void export_options(const RunOptions& options);

}  // namespace oriel::cli
