// A provider on a host of its own with nothing but loopback, and the WSPxxx functions in short
// words: what they return, with the error in `error`.
#pragma once

#include <gtest/gtest.h>
#include <ws2tcpip.h>

#include <cstring>
#include <string>
#include <vector>

#include "runtime/lock.h"
#include "winsock/base_provider.h"
#include "winsock/provider_host.h"
#include "winsock/spi_call.h"

namespace oriel::winsock {

class SpiCase : public ::testing::Test {
 protected:
  explicit SpiCase(const HostSettings& settings = {}) {
    HostOptions options;
    options.settings = settings;
    host = std::make_shared<stack::HostImpl>(options);
    host->start();
    set_provider_host(host);
    WSPDATA data;
    WSPPROC_TABLE table;
    WSAPROTOCOL_INFOW info{};
    was_started = base_wsp_startup(MAKEWORD(2, 2), &data, &info, upcalls(), &table) == 0;
  }
  ~SpiCase() override {
    if (was_started) spi_cleanup(&error);
    host->stop();
  }

  /// What was queued to be run in the issuing thread, which here is asked for by the test.
  struct Apc {
    LPWSAUSERAPC function;
    DWORD_PTR context;
  };
  static runtime::Lock& lock() {
    static runtime::Lock the;
    return the;
  }
  static std::vector<Apc>& queue() {
    static std::vector<Apc> the;
    return the;
  }
  static int WSPAPI queue_apc(LPWSATHREADID, LPWSAUSERAPC function, DWORD_PTR context, LPINT) {
    const runtime::LockHold hold(lock());
    queue().push_back({function, context});
    return 0;
  }
  static WSPUPCALLTABLE upcalls() {
    WSPUPCALLTABLE table{};
    table.lpWPUQueueApc = queue_apc;
    return table;
  }
  static std::size_t run_apcs() {
    std::vector<Apc> taken;
    {
      const runtime::LockHold hold(lock());
      taken.swap(queue());
    }
    for (const Apc& apc : taken) apc.function(apc.context);
    return taken.size();
  }

  static sockaddr_in at(std::uint16_t port, const char* address = "127.0.0.1") {
    sockaddr_in name{};
    Endpoint e{IpAddress::parse(address).value(), port};
    INT bytes = sizeof name;
    write_sockaddr(e, AF_INET, reinterpret_cast<sockaddr*>(&name), &bytes);
    return name;
  }
  static std::uint16_t port_of(const sockaddr_in& name) {
    Endpoint e;
    read_sockaddr(reinterpret_cast<const sockaddr*>(&name), sizeof name, AF_INET, e);
    return e.port;
  }

  SOCKET make(int type = SOCK_STREAM, DWORD flags = WSA_FLAG_OVERLAPPED) {
    return spi_socket(AF_INET, type, 0, nullptr, 0, flags, &error);
  }
  int bind(SOCKET s, std::uint16_t port = 0) {
    const sockaddr_in name = at(port);
    return spi_bind(s, reinterpret_cast<const sockaddr*>(&name), sizeof name, &error);
  }
  std::uint16_t port_of(SOCKET s) {
    sockaddr_in name{};
    INT bytes = sizeof name;
    EXPECT_EQ(spi_get_sock_name(s, reinterpret_cast<sockaddr*>(&name), &bytes, &error), 0);
    return port_of(name);
  }
  SOCKET make_listener(int backlog = 5) {
    const SOCKET s = make();
    EXPECT_EQ(bind(s), 0);
    EXPECT_EQ(spi_listen(s, backlog, &error), 0);
    return s;
  }
  int connect(SOCKET s, std::uint16_t port) {
    const sockaddr_in name = at(port);
    return spi_connect(s, reinterpret_cast<const sockaddr*>(&name), sizeof name, nullptr, nullptr,
                       nullptr, nullptr, &error);
  }
  SOCKET accept(SOCKET s) { return spi_accept(s, nullptr, nullptr, nullptr, 0, &error); }
  /// A connected pair.
  void make_pair(SOCKET& client, SOCKET& server) {
    const SOCKET listener = make_listener();
    client = make();
    ASSERT_EQ(connect(client, port_of(listener)), 0) << error;
    server = accept(listener);
    ASSERT_NE(server, INVALID_SOCKET) << error;
    EXPECT_EQ(close(listener), 0);
  }

  int send(SOCKET s, const std::string& text, DWORD flags = 0) {
    WSABUF b{static_cast<ULONG>(text.size()), const_cast<char*>(text.data())};
    DWORD sent = 0;
    const int r = spi_send(s, &b, 1, &sent, flags, nullptr, nullptr, nullptr, &error);
    return r == 0 ? static_cast<int>(sent) : r;
  }
  /// What came; "!" and the error's number when the call failed.
  std::string receive(SOCKET s, std::size_t bytes_max = 64, DWORD flags = 0) {
    std::string text(bytes_max, '\0');
    WSABUF b{static_cast<ULONG>(bytes_max), text.data()};
    DWORD received = 0;
    const int r = spi_recv(s, &b, 1, &received, &flags, nullptr, nullptr, nullptr, &error);
    if (r != 0) return "!" + std::to_string(error);
    text.resize(received);
    return text;
  }
  int close(SOCKET s) { return spi_close_socket(s, &error); }
  int set_non_blocking(SOCKET s, DWORD on = 1) { return ioctl(s, static_cast<DWORD>(FIONBIO), on); }
  int ioctl(SOCKET s, DWORD code, DWORD& value) {
    DWORD returned = 0;
    return spi_ioctl(s, code, &value, sizeof value, &value, sizeof value, &returned, nullptr,
                     nullptr, nullptr, &error);
  }
  int set_option(SOCKET s, int level, int name, DWORD value) {
    return spi_set_sock_opt(s, level, name, reinterpret_cast<char*>(&value), sizeof value, &error);
  }
  DWORD option(SOCKET s, int level, int name) {
    DWORD value = 0;
    INT bytes = sizeof value;
    const int r = spi_get_sock_opt(s, level, name, reinterpret_cast<char*>(&value), &bytes, &error);
    return r == 0 ? value : ~DWORD{0};
  }

  std::shared_ptr<stack::HostImpl> host;
  bool was_started = false;
  INT error = 0;
};

}  // namespace oriel::winsock
