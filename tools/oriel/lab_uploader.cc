// Each request starts the next; an error ends the chain and is kept.
#include "lab_uploader.h"

#include <algorithm>

namespace oriel::cli {

const std::vector<UploadStyle>& upload_styles() {
  static const std::vector<UploadStyle> styles = {UploadStyle::kFixed,      UploadStyle::kQuery,
                                                  UploadStyle::kChange,     UploadStyle::kRaiseOnly,
                                                  UploadStyle::kOverlapped, UploadStyle::kDynamic};
  return styles;
}

std::string_view name_of(UploadStyle style) {
  switch (style) {
    case UploadStyle::kFixed:
      return "fixed";
    case UploadStyle::kQuery:
      return "isb-query";
    case UploadStyle::kChange:
      return "isb-change";
    case UploadStyle::kRaiseOnly:
      return "isb-change-raise-only";
    case UploadStyle::kOverlapped:
      return "overlapped";
    case UploadStyle::kDynamic:
      return "dynamic";
  }
  return {};
}

void Uploader::connect(Host& host, const Endpoint& to) {
  host_ = &host;
  TcpOptionsForSocket options;
  if (style_ != UploadStyle::kDynamic) options.send_buffer_bytes = kFixedBytes;
  auto socket = host.open_tcp(options);
  if (!socket) {
    error_ = socket.error();
    return;
  }
  socket_ = *socket;
  socket_.async_connect(
      to, [this](IoResult r) { r.error == ErrorCode::kOk ? start() : note(r.error); });
}

void Uploader::stop() {
  is_stopped_ = true;
  socket_.close();
}

void Uploader::start() {
  queried_at_ = host_->now();
  switch (style_) {
    case UploadStyle::kChange:
    case UploadStyle::kRaiseOnly:
      wait_for_change();
      break;
    case UploadStyle::kOverlapped:
      wait_for_change();
      return post();
    case UploadStyle::kFixed:
    case UploadStyle::kQuery:
    case UploadStyle::kDynamic:
      break;
  }
  for (int i = 0; i < 2; ++i) send();  // the next is there when one has been taken
}

void Uploader::send() {
  socket_.async_send(bytes_, [this](IoResult r) {
    if (r.error != ErrorCode::kOk) return note(r.error);
    if (style_ == UploadStyle::kQuery) query_if_due();
    send();
  });
}

// One more than the backlog holds: a backlog of one send would be sent, waited for, sent ...
void Uploader::post() {
  while (outstanding_bytes_ < backlog_bytes_ + kOverlappedBytes) {
    outstanding_bytes_ += kOverlappedBytes;
    socket_.async_send_borrowed(ByteView(bytes_).first(kOverlappedBytes), [this](IoResult r) {
      outstanding_bytes_ -= kOverlappedBytes;
      r.error == ErrorCode::kOk ? post() : note(r.error);
    });
  }
}

void Uploader::wait_for_change() {
  socket_.async_wait_backlog_change([this](IoResult r) {
    if (r.error != ErrorCode::kOk) return note(r.error);
    ++notifications_;
    const auto backlog = socket_.ideal_send_backlog();
    if (!backlog) return note(backlog.error().code);
    follow(*backlog);
    wait_for_change();
  });
}

void Uploader::follow(std::uint32_t backlog) {
  backlog_bytes_ = backlog;
  if (style_ == UploadStyle::kOverlapped) return post();
  if (style_ == UploadStyle::kRaiseOnly && backlog <= buffer_bytes_) return;
  set_send_buffer(backlog);
}

void Uploader::query_if_due() {
  const Instant now = host_->now();
  if (now - queried_at_ < kQueryInterval) return;
  queried_at_ = now;
  const auto backlog = socket_.ideal_send_backlog();
  if (backlog && *backlog != buffer_bytes_) set_send_buffer(*backlog);
}

void Uploader::set_send_buffer(std::uint32_t bytes) {
  buffer_bytes_ = bytes;
  TcpOptionsForSocket options;
  options.send_buffer_bytes = std::max(bytes, 1u);
  const auto set = socket_.set_options(options);
  if (!set) note(set.error().code);
}

void Uploader::note(ErrorCode code) {
  if (!is_stopped_) error_ = Error(code);
}

}  // namespace oriel::cli
