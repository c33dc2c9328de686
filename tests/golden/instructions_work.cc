// Fixed work for the instruction gate: `instructions_work CELL AMOUNT` prints how many units it
// did.
//
// instructions.py runs each cell twice under callgrind, with less and with more work, and divides
// the difference; what starting costs falls out. No clock and no randomness: the same build gives
// the same count.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "bench/support/back_to_back.h"

namespace {

using namespace oriel;
using namespace oriel::bench;

std::uint64_t segments(std::uint32_t payload_bytes, std::uint64_t amount) {
  BackToBack pair(payload_bytes);
  pair.open();
  return pair.move(amount * payload_bytes);
}

std::uint64_t connections(std::uint64_t amount) {
  BackToBack pair(1460);
  for (std::uint64_t i = 0; i < amount; ++i) {
    pair.open();
    pair.a->on_close(pair.now);
    pair.settle();
    pair.b->on_close(pair.now);
    pair.settle();
    pair.now.ns += 1000;
  }
  return amount;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return std::fputs("usage: instructions_work CELL AMOUNT\n", stderr), 2;
  const std::string cell = argv[1];
  const std::uint64_t amount = std::strtoull(argv[2], nullptr, 10);
  std::uint64_t units = 0;
  if (cell == "segment") units = segments(1460, amount);
  if (cell == "super_segment") units = segments(64240, amount);
  if (cell == "connection") units = connections(amount);
  if (units == 0) return std::fprintf(stderr, "instructions_work: no cell %s\n", cell.c_str()), 2;
  std::printf("%llu\n", static_cast<unsigned long long>(units));
  return 0;
}
