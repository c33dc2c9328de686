#include "tcp/delivery_rounds.h"

namespace oriel::tcp {

void DeliveryRounds::begin(const Ack& ack) {
  is_running_ = true;
  is_full_ = true;
  began_at_ = ack.now;
  delivered_bytes_ = 0;
  flight_ = 0;
  window_before_ = window_;
  window_ = ack.snd_wnd;
}

bool DeliveryRounds::on_ack(const Ack& ack) {
  if (ack.flight_size == 0) {
    begin(ack);
    is_running_ = false;
    is_last_full_ = false;
    return true;
  }
  if (!is_running_) {  // what this ACK delivered was sent before the round
    begin(ack);
    flight_ = ack.flight_size;
    return false;
  }
  delivered_bytes_ += ack.delivered_bytes;
  flight_ = std::max(flight_, ack.flight_size);
  window_ = std::max(window_, ack.snd_wnd);
  is_full_ = is_full_ && ack.is_full;
  if (ack.now - began_at_ < std::max(ack.srtt, kRoundMin)) return false;
  end(ack.now);
  begin(ack);
  return true;
}

void DeliveryRounds::end(Instant now) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(now - began_at_).count();
  const std::uint64_t rate = delivered_bytes_ * 1'000'000 / static_cast<std::uint64_t>(us);
  flight_before_ = flight_;
  is_last_full_ = is_full_;
  rate_ = std::max(rate_, rate);
  if (is_full_) {
    take(rate);
  } else {
    full_rounds_ = 0;
    is_steady_ = false;
  }
}

void DeliveryRounds::take(std::uint64_t rate) {
  std::copy_backward(rates_, rates_ + kSteadyRounds - 1, rates_ + kSteadyRounds);
  rates_[0] = rate;
  full_rounds_ = std::min(full_rounds_ + 1, kSteadyRounds);
  const auto [low, high] = std::minmax_element(rates_, rates_ + kSteadyRounds);
  is_steady_ = full_rounds_ == kSteadyRounds && *low >= *high - *high / 8;
  if (is_steady_) rate_ = *high;
}

void DeliveryRounds::forget() {
  pause();
  rate_ = 0;
  full_rounds_ = 0;
  is_steady_ = is_last_full_ = false;
}

}  // namespace oriel::tcp
