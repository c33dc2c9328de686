// DNS answers: any datagram gives an answer or an error, and an answer's lists stay within the
// named limits.
#include "fuzz_check.h"
#include "runtime/dns_message.h"

using namespace oriel;
using runtime::DnsType;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::ExactBytes in({data, size});
  for (const DnsType type : {DnsType::kA, DnsType::kAaaa, DnsType::kPtr}) {
    const auto answer = runtime::parse_dns_answer(in.view(), {0x1234, "ab.c", type});
    if (!answer) continue;
    FUZZ_CHECK(answer->addresses.size() <= runtime::kDnsRecordsMax);
    FUZZ_CHECK(answer->names.size() <= runtime::kDnsRecordsMax);
    for (const IpAddress& address : answer->addresses) {
      FUZZ_CHECK(address.is_v4() || type == DnsType::kAaaa);
    }
  }
  return 0;
}
