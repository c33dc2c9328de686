// A driver's parameters, read as drivers read them.
#include "wdm/registry.h"

#include <gtest/gtest.h>
#include <wdm.h>

namespace oriel::wdm {
namespace {

constexpr const wchar_t* kPath = L"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\echo";

class Registry : public ::testing::Test {
 protected:
  void SetUp() override {
    RegistryKey key;
    ASSERT_TRUE(parse_key("Port=40007\nPeer=10.0.0.1\n\nBig=99999999999\n", key));
    set_key(std::wstring(kPath) + L"\\Parameters", key);
  }
  static NTSTATUS query(RTL_QUERY_REGISTRY_TABLE row, ULONG relative_to = RTL_REGISTRY_ABSOLUTE,
                        const wchar_t* path = kPath) {
    RTL_QUERY_REGISTRY_TABLE table[3] = {};
    table[0].Flags = RTL_QUERY_REGISTRY_SUBKEY;
    table[0].Name = const_cast<PWSTR>(L"Parameters");
    table[1] = row;
    return RtlQueryRegistryValues(relative_to, path, table, nullptr, nullptr);
  }
};

RTL_QUERY_REGISTRY_TABLE direct(const wchar_t* name, PVOID to) {
  RTL_QUERY_REGISTRY_TABLE row = {};
  row.Flags = RTL_QUERY_REGISTRY_DIRECT;
  row.Name = const_cast<PWSTR>(name);
  row.EntryContext = to;
  return row;
}

TEST_F(Registry, NumbersAndTextsAreFoundWithoutCase) {
  ULONG port = 0;
  EXPECT_EQ(query(direct(L"port", &port)), STATUS_SUCCESS);
  EXPECT_EQ(port, 40007u);
  WCHAR room[32];
  UNICODE_STRING peer = {0, sizeof room, room};
  EXPECT_EQ(query(direct(L"Peer", &peer), RTL_REGISTRY_SERVICES, L"ECHO"), STATUS_SUCCESS);
  EXPECT_STREQ(peer.Buffer, L"10.0.0.1");
  UNICODE_STRING made = {};
  EXPECT_EQ(query(direct(L"Big", &made)), STATUS_SUCCESS) << "too large for a number: text";
  EXPECT_STREQ(made.Buffer, L"99999999999");
  ExFreePool(made.Buffer);
}

TEST_F(Registry, WhatIsMissingHasItsDefaultOrIsAnError) {
  ULONG number = 7;
  EXPECT_EQ(query(direct(L"Other", &number)), STATUS_SUCCESS);
  EXPECT_EQ(number, 7u);
  ULONG usual = 9;
  RTL_QUERY_REGISTRY_TABLE row = direct(L"Other", &number);
  row.DefaultType = REG_DWORD;
  row.DefaultData = &usual;
  EXPECT_EQ(query(row), STATUS_SUCCESS);
  EXPECT_EQ(number, 9u);
  row.Flags |= RTL_QUERY_REGISTRY_REQUIRED;
  EXPECT_EQ(query(row), STATUS_OBJECT_NAME_NOT_FOUND);
  EXPECT_EQ(query(row, RTL_REGISTRY_SERVICES, L"nobody"), STATUS_OBJECT_NAME_NOT_FOUND);
  UNICODE_STRING small = {0, 2, reinterpret_cast<PWSTR>(&number)};
  EXPECT_EQ(query(direct(L"Peer", &small)), STATUS_BUFFER_TOO_SMALL);
}

TEST_F(Registry, ARoutineIsCalledWithTheValue) {
  struct Seen {
    ULONG type = 0;
    ULONG number = 0;
  } seen;
  RTL_QUERY_REGISTRY_TABLE row = direct(L"Port", &seen);
  row.Flags = 0;
  row.QueryRoutine = [](PWSTR, ULONG type, PVOID data, ULONG, PVOID, PVOID to) -> NTSTATUS {
    *static_cast<Seen*>(to) = {type, *static_cast<ULONG*>(data)};
    return STATUS_SUCCESS;
  };
  EXPECT_EQ(query(row), STATUS_SUCCESS);
  EXPECT_EQ(seen.type, ULONG{REG_DWORD});
  EXPECT_EQ(seen.number, 40007u);
}

TEST(RegistryKey, LinesWithoutANameAreRefused) {
  RegistryKey key;
  EXPECT_FALSE(parse_key("=5", key));
  EXPECT_FALSE(parse_key("Port", key));
  EXPECT_TRUE(parse_key("", key));
}

}  // namespace
}  // namespace oriel::wdm
