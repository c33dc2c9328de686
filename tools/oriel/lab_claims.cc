// One row for each sentence: the cell it is about, the figure, and when it holds. Sentences are
// ours, after the description of SIO_SET_COMPATIBILITY_MODE.
#include "lab_claims.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compat_report.h"
#include "units.h"

namespace oriel::cli {
namespace {

constexpr std::uint32_t kFieldMax = 65'535;
constexpr const char* kLargestWindow = "xp-tcpwindowsize-1073741823-tcp1323opts-3";

struct ClaimRow {
  const char* claim;
  const char* mode;
  const char* path;
  std::string (*measured)(const CompatRun& run);
  bool (*is_met)(const CompatRun& run);
};

bool is_within(double value, double wanted, double share) {
  return value >= wanted * (1 - share) && value <= wanted * (1 + share);
}

std::string speed(const CompatRun& r) {
  return fmt::format("{}, largest window {} bytes", format_rate(r.goodput_bps),
                     format_count(r.window_bytes_max));
}
std::string first_window(const CompatRun& r) {
  return fmt::format("WSopt {} in the SYN, then a field of {}: {} bytes", scale_text(r),
                     format_count(r.first_window_field), format_count(r.window_bytes_start));
}
std::string largest_window(const CompatRun& r) {
  return format_count(r.window_bytes_max) + " bytes";
}
std::string options(const CompatRun& r) {
  return fmt::format("SYN with {}; window {} bytes", r.syn_options, window_text(r));
}
std::string outcome(const CompatRun& r) {
  return fmt::format("{}: {} bytes came in {}, {}", r.verdict,
                     format_count(r.samples.back().received_bytes),
                     format_time(r.samples.back().at), format_rate(r.goodput_bps));
}

bool starts_at_64_kib(const CompatRun& r, unsigned scale, std::uint16_t field) {
  return r.window_scale_sent == scale && r.first_window_field == field &&
         r.window_bytes_start == 65'536;
}
bool is_unscaled(const CompatRun& r) {
  return !r.window_scale_sent && r.window_bytes_max <= kFieldMax;
}

constexpr std::array kClaimRows = {
    ClaimRow{
        "Without window scaling a path of 100 ms carries about 5 Mbit/s, whatever its bandwidth "
        "(here 10 Gbit/s): 65,535 bytes for each round trip.",
        "level-disabled", "clean", speed,
        [](const CompatRun& r) { return is_within(r.goodput_bps, 5.24e6, 0.05); }},
    ClaimRow{
        "With window scaling the same path carries gigabits: at a factor of 8, 16,776,960 bytes "
        "for "
        "each round trip are 1.34 Gbit/s.",
        "default", "clean", speed,
        [](const CompatRun& r) { return is_within(r.goodput_bps, 1.342e9, 0.05); }},
    ClaimRow{
        "From Vista on a receiver asks for a factor of 8 and starts with a window field of 256, "
        "which "
        "means 64 KiB.",
        "default", "clean", first_window,
        [](const CompatRun& r) { return starts_at_64_kib(r, 8, 256); }},
    ClaimRow{"Auto-tuning then opens the window up to 65,535 << 8 = 16,776,960 bytes.", "default",
             "clean", largest_window,
             [](const CompatRun& r) { return r.window_bytes_max == 16'776'960; }},
    ClaimRow{
        "A program that asks for WsaBehaviorAutoTuning as of Vista gets a factor of 2 and a first "
        "field of 16,384, which means 64 KiB as well.",
        "autotuning-vista", "clean", first_window,
        [](const CompatRun& r) { return starts_at_64_kib(r, 2, 16'384); }},
    ClaimRow{"Its window grows to 65,535 << 2 = 262,140 bytes (20.97 Mbit/s at 100 ms).",
             "autotuning-vista", "clean", speed,
             [](const CompatRun& r) {
               return r.window_bytes_max == 262'140 && is_within(r.goodput_bps, 20.97e6, 0.05);
             }},
    ClaimRow{
        "netsh interface tcp set global autotuninglevel=highlyrestricted does the same for every "
        "socket.",
        "level-highlyrestricted", "clean", first_window,
        [](const CompatRun& r) {
          return starts_at_64_kib(r, 2, 16'384) && r.window_bytes_max == 262'140;
        }},
    ClaimRow{
        "WsaBehaviorAutoTuning as of XP: no window scale option at all, never more than 65,535 "
        "bytes.",
        "autotuning-xp", "clean", options, is_unscaled},
    ClaimRow{"XP and Server 2003 without registry values: no scaling; on a fast link 65,535 bytes, "
             "brought "
             "to an even number of segments (44 x 1,460 = 64,240).",
             "xp", "clean", options,
             [](const CompatRun& r) { return is_unscaled(r) && r.window_bytes_max == 64'240; }},
    ClaimRow{
        "With Tcp1323Opts and a large TCPWindowSize the field is 65,535 and the factor, 4 at most, "
        "does "
        "the rest.",
        kLargestWindow, "clean", first_window,
        [](const CompatRun& r) {
          return r.window_scale_sent == 4u && r.first_window_field == kFieldMax;
        }},
    ClaimRow{
        "Scaling needs the option in both SYNs: where a firewall takes it away, data flows with "
        "65,535 "
        "bytes at most.",
        "default", "wsopt-stripper", outcome,
        [](const CompatRun& r) { return r.is_completed && r.window_bytes_max <= kFieldMax; }},
    ClaimRow{
        "A gateway that ignores the factor takes the field of 256 for 256 bytes and drops what is "
        "beyond: the default connection gets nowhere.",
        "default", "scale-blind-gateway", outcome,
        [](const CompatRun& r) { return !r.is_completed && r.goodput_bps < 1000; }},
    ClaimRow{"WsaBehaviorAutoTuning as of Vista (field 16,384) works through the same gateway.",
             "autotuning-vista", "scale-blind-gateway", outcome,
             [](const CompatRun& r) { return r.is_completed; }},
    ClaimRow{"A gateway that tracks the factor of the handshake is in nobody's way.", "default",
             "scale-aware-gateway", outcome,
             [](const CompatRun& r) { return is_within(r.goodput_bps, 1.342e9, 0.05); }},
    ClaimRow{
        "A peer that ignores the factor sends at the rate of the field, 256 bytes at a time: very "
        "slow.",
        "default", "field-obeying-peer", outcome,
        [](const CompatRun& r) { return !r.is_completed && r.goodput_bps < 100e3; }},
    ClaimRow{"WsaBehaviorAutoTuning as of Vista makes that peer useful: 16,384 bytes at a time and "
             "more.",
             "autotuning-vista", "field-obeying-peer", outcome,
             [](const CompatRun& r) { return r.is_completed && r.goodput_bps > 1e6; }},
};

}  // namespace

const CompatRun* find_cell(const std::vector<CompatRun>& runs, const std::string& mode,
                           const std::string& path) {
  for (const CompatRun& r : runs) {
    if (r.mode == mode && r.path == path) return &r;
  }
  return nullptr;
}

std::vector<CompatCell> claimed_cells() {
  std::vector<CompatCell> cells;
  for (const ClaimRow& row : kClaimRows) {
    const CompatCell cell{row.mode, row.path};
    if (std::find(cells.begin(), cells.end(), cell) == cells.end()) cells.push_back(cell);
  }
  return cells;
}

std::vector<ReportClaim> seed_claims(const std::vector<CompatRun>& runs) {
  std::vector<ReportClaim> claims;
  for (const ClaimRow& row : kClaimRows) {
    const CompatRun& run = *find_cell(runs, row.mode, row.path);
    claims.push_back({row.claim, row.measured(run), row.is_met(run)});
  }
  return claims;
}

}  // namespace oriel::cli
