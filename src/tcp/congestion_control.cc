// Dispatch to the algorithm in force; no arithmetic here.
#include "tcp/congestion_control.h"

namespace oriel::tcp {
namespace {

std::variant<CcCubic, CcNewReno> make(CcAlgorithm algorithm, const CcLimits& limits,
                                      std::uint32_t smss) {
  switch (algorithm) {
    case CcAlgorithm::kCubic:
      return CcCubic(limits, smss);
    case CcAlgorithm::kNewReno:
      return CcNewReno(limits, smss);
  }
  return CcCubic(limits, smss);  // a value outside the enumeration
}

}  // namespace

CongestionControl::CongestionControl(CcAlgorithm algorithm, const CcLimits& limits,
                                     std::uint32_t smss)
    : algorithm_(make(algorithm, limits, smss)) {}

void CongestionControl::on_ack(const CcAck& ack) {
  std::visit([&](auto& a) { a.on_ack(ack); }, algorithm_);
}
void CongestionControl::on_loss_episode(Instant now, std::uint32_t flight_size) {
  std::visit([&](auto& a) { a.on_loss_episode(now, flight_size); }, algorithm_);
}
void CongestionControl::on_recovery_end(Instant now) {
  std::visit([&](auto& a) { a.on_recovery_end(now); }, algorithm_);
}
void CongestionControl::on_rto(Instant now, std::uint32_t flight_size, bool is_first) {
  std::visit([&](auto& a) { a.on_rto(now, flight_size, is_first); }, algorithm_);
}
void CongestionControl::on_spurious(Instant now) {
  std::visit([&](auto& a) { a.on_spurious(now); }, algorithm_);
}
void CongestionControl::on_idle_restart(Instant now) {
  std::visit([&](auto& a) { a.on_idle_restart(now); }, algorithm_);
}
void CongestionControl::on_mss_change(std::uint32_t smss) {
  std::visit([&](auto& a) { a.on_mss_change(smss); }, algorithm_);
}

std::uint32_t CongestionControl::cwnd() const {
  return std::visit([](const auto& a) { return a.cwnd(); }, algorithm_);
}
std::uint32_t CongestionControl::ssthresh() const {
  return std::visit([](const auto& a) { return a.ssthresh(); }, algorithm_);
}
std::string_view CongestionControl::name() const {
  return std::holds_alternative<CcCubic>(algorithm_) ? "cubic" : "newreno";
}

}  // namespace oriel::tcp
