// Addresses of both families there and back, and what is refused.
#include "win32/sockaddr.h"

#include <gtest/gtest.h>

namespace oriel::win32 {
namespace {

TEST(Sockaddr, RoundTripsInTheFormOfTheSocket) {
  struct Row {
    const char* endpoint;
    int family;
  };
  for (const Row& row : {Row{"10.1.2.3:80", AF_INET}, Row{"10.1.2.3:80", AF_INET6},
                         Row{"[fd00::1]:65535", AF_INET6}, Row{"[::]:0", AF_INET6}}) {
    const Endpoint in = Endpoint::parse(row.endpoint).value();
    sockaddr_storage name;
    INT bytes = sizeof name;
    ASSERT_EQ(write_sockaddr(in, row.family, reinterpret_cast<sockaddr*>(&name), &bytes), 0);
    EXPECT_EQ(bytes, sockaddr_bytes(row.family));
    EXPECT_EQ(name.ss_family, row.family);
    Endpoint out;
    ASSERT_EQ(read_sockaddr(reinterpret_cast<sockaddr*>(&name), bytes, row.family, out), 0);
    EXPECT_EQ(in, out);
  }
}

TEST(Sockaddr, RefusesWhatIsShortForeignOrNowhere) {
  sockaddr_storage storage{};
  auto* name = reinterpret_cast<sockaddr*>(&storage);
  name->sa_family = AF_INET;
  Endpoint out;
  EXPECT_EQ(read_sockaddr(nullptr, 16, AF_INET, out), WSAEFAULT);
  EXPECT_EQ(read_sockaddr(name, 15, AF_INET, out), WSAEFAULT);
  EXPECT_EQ(read_sockaddr(name, sizeof storage, AF_INET6, out), WSAEAFNOSUPPORT);
  INT bytes = 15;
  EXPECT_EQ(write_sockaddr(out, AF_INET, name, &bytes), WSAEFAULT);
  EXPECT_EQ(write_sockaddr(out, AF_INET, name, nullptr), WSAEFAULT);
}

}  // namespace
}  // namespace oriel::win32
