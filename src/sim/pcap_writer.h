// A capture file of a simulated link: classic pcap, nanosecond stamps, whole IP packets
// (LINKTYPE_RAW).
//
// Virtual time starts at 0, so captures start in 1970. A write that fails ends the capture quietly.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "oriel/error.h"
#include "oriel/time.h"

namespace oriel::sim {

class PcapWriter {
 public:
  /// Creates or empties the file. Errors: kPermissionDenied, kNotFound, kInvalidArgument, with one
  /// sentence.
  Result<void> open(const std::string& path);
  bool is_open() const { return file_ != nullptr; }
  /// Appends one packet; checksum as in `offload` is completed in the file only.
  void write(Instant now, std::span<const ByteView> pieces, const Offload& offload);

 private:
  struct Close {
    void operator()(std::FILE* f) const { std::fclose(f); }
  };
  std::unique_ptr<std::FILE, Close> file_;
  std::vector<std::uint8_t> record_;
};

}  // namespace oriel::sim
