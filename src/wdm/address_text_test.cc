// Texts that are IPv4 addresses and texts that are none.
#include <gtest/gtest.h>
#include <ip2string.h>
#include <wdm.h>

namespace oriel::wdm {
namespace {

struct Row {
  const wchar_t* text;
  bool is_strict;
  NTSTATUS status;
  ULONG address;  // host order
  std::ptrdiff_t used;
};

TEST(Ipv4Text, ReadsWhatWindowsReads) {
  const Row rows[] = {
      {L"10.9.0.1", true, STATUS_SUCCESS, 0x0a090001, 8},
      {L"255.255.255.255:80", true, STATUS_SUCCESS, 0xffffffff, 15},
      {L"127.1", false, STATUS_SUCCESS, 0x7f000001, 5},
      {L"0x7f.0.0.010", false, STATUS_SUCCESS, 0x7f000008, 12},
      {L"4294967295", false, STATUS_SUCCESS, 0xffffffff, 10},
      {L"127.1", true, STATUS_INVALID_PARAMETER, 0, -1},
      {L"0x7f.0.0.1", true, STATUS_INVALID_PARAMETER, 0, -1},
      {L"256.0.0.1", true, STATUS_INVALID_PARAMETER, 0, -1},
      {L"1.2.3.256", false, STATUS_INVALID_PARAMETER, 0, -1},
      {L"4294967296", false, STATUS_INVALID_PARAMETER, 0, -1},
      {L"1..2", false, STATUS_INVALID_PARAMETER, 0, -1},
      {L"localhost", false, STATUS_INVALID_PARAMETER, 0, -1},
      {L"", false, STATUS_INVALID_PARAMETER, 0, -1},
  };
  for (const Row& row : rows) {
    struct in_addr address {};
    LPCWSTR end = nullptr;
    EXPECT_EQ(RtlIpv4StringToAddressW(row.text, row.is_strict, &end, &address), row.status)
        << row.text;
    if (row.status != STATUS_SUCCESS) continue;
    EXPECT_EQ(RtlUlongByteSwap(address.S_un.S_addr), row.address) << row.text;
    EXPECT_EQ(end - row.text, row.used) << row.text;
  }
}

}  // namespace
}  // namespace oriel::wdm
