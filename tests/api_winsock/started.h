// WSAStartup and WSACleanup around a case.
#pragma once

#include <winsock2.h>

class Started {
 public:
  Started() { error_ = WSAStartup(MAKEWORD(2, 2), &data_); }
  ~Started() {
    if (error_ == 0) WSACleanup();
  }
  Started(const Started&) = delete;
  Started& operator=(const Started&) = delete;

  int error() const { return error_; }
  const WSADATA& data() const { return data_; }

 private:
  WSADATA data_{};
  int error_ = 0;
};
