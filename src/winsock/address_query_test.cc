// getaddrinfo as values: which errors in which order, which rows for a service, how mapping fills
// in.
#include "winsock/address_query.h"

#include <gtest/gtest.h>

#include "winsock/address_text.h"

namespace oriel::winsock {
namespace {

INT error_of(AddressQuery query) {
  AddressAnswer answer;
  return answer_query(query, answer);
}

std::vector<std::string> texts(const AddressQuery& query) {
  AddressAnswer answer;
  std::vector<std::string> out;
  if (const INT error = answer_query(query, answer)) return {std::to_string(error)};
  for (const auto& row : answer.rows) {
    out.push_back(
        socket_address_text(reinterpret_cast<const sockaddr*>(&row.address), sizeof row.address));
  }
  return out;
}

using Texts = std::vector<std::string>;

TEST(AddressQuery, MistakesOfTheCaller) {
  EXPECT_EQ(error_of({}), EAI_NONAME);
  EXPECT_EQ(error_of({{}, "80", AI_CANONNAME}), EAI_BADFLAGS);
  EXPECT_EQ(error_of({"1.2.3.4", "80", 0, 77}), EAI_FAMILY);
  EXPECT_EQ(error_of({"1.2.3.4", "80", 0, AF_INET, 9}), EAI_SOCKTYPE);
  EXPECT_EQ(error_of({"1.2.3.4", "no-such-service"}), EAI_SERVICE);
  EXPECT_EQ(error_of({"1.2.3.4", "65536"}), EAI_SERVICE);
  EXPECT_EQ(error_of({"1.2.3.4", "http", AI_NUMERICSERV}), EAI_NONAME);
  EXPECT_EQ(error_of({"localhost", "80", AI_NUMERICHOST}), EAI_NONAME);
  EXPECT_EQ(error_of({"::1", "80", 0, AF_INET}), EAI_NONAME);
  EXPECT_EQ(error_of({"1.2.3.4", "80", 0, AF_INET6}), EAI_NONAME);
  EXPECT_EQ(error_of({"1.2.3.4", "tftp", 0, AF_INET, SOCK_STREAM}), EAI_SERVICE);
}

TEST(AddressQuery, NoNodeIsLoopbackOrAnything) {
  EXPECT_EQ(texts({{}, "80"}), (Texts{"[::1]:80", "127.0.0.1:80"}));
  EXPECT_EQ(texts({{}, "80", AI_PASSIVE}), (Texts{"[::]:80", "0.0.0.0:80"}));
  EXPECT_EQ(texts({{}, "80", AI_PASSIVE, AF_INET}), (Texts{"0.0.0.0:80"}));
  EXPECT_EQ(texts({{}, "080", 0, AF_INET6}), (Texts{"[::1]:80"}));
}

TEST(AddressQuery, LocalhostAsksNobody) {
  EXPECT_EQ(texts({"localhost", "1"}), (Texts{"[::1]:1", "127.0.0.1:1"}));
  EXPECT_EQ(texts({"LOCALHOST", {}, 0, AF_INET}), (Texts{"127.0.0.1"}));
}

TEST(AddressQuery, NumbersAndScopes) {
  EXPECT_EQ(texts({"127.1", "5"}), (Texts{"127.0.0.1:5"}));
  EXPECT_EQ(texts({"fe80::1%4", "5"}), (Texts{"[fe80::1%4]:5"}));
  EXPECT_EQ(texts({"::ffff:1.2.3.4", "5"}), (Texts{"[::ffff:1.2.3.4]:5"}));
}

TEST(AddressQuery, MappingStandsInForIpv6) {
  EXPECT_EQ(texts({"1.2.3.4", "5", AI_V4MAPPED, AF_INET6}), (Texts{"[::ffff:1.2.3.4]:5"}));
  EXPECT_EQ(texts({"localhost", "5", AI_V4MAPPED, AF_INET6}), (Texts{"[::1]:5"}));
  EXPECT_EQ(texts({"localhost", "5", AI_V4MAPPED | AI_ALL, AF_INET6}),
            (Texts{"[::1]:5", "[::ffff:127.0.0.1]:5"}));
}

TEST(AddressQuery, AServiceNameSaysWhichSockets) {
  AddressAnswer answer;
  ASSERT_EQ(answer_query({"1.2.3.4", "domain"}, answer), 0);
  ASSERT_EQ(answer.rows.size(), 2u);
  EXPECT_EQ(answer.rows[0].type, SOCK_STREAM);
  EXPECT_EQ(answer.rows[1].type, SOCK_DGRAM);
  AddressAnswer by_number;
  ASSERT_EQ(answer_query({"1.2.3.4", "53"}, by_number), 0);
  EXPECT_EQ(by_number.rows[0].type, 0);  // as Windows: left open
}

TEST(AddressQuery, CanonicalNamesOnlyWhenAsked) {
  AddressAnswer answer;
  ASSERT_EQ(answer_query({"1.2.3.4", {}, AI_CANONNAME}, answer), 0);
  EXPECT_EQ(answer.canonical, "1.2.3.4");
  AddressAnswer plain;
  ASSERT_EQ(answer_query({"1.2.3.4", {}}, plain), 0);
  EXPECT_FALSE(plain.canonical);
}

}  // namespace
}  // namespace oriel::winsock
