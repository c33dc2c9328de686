// Runs a fuzz target over the files of a corpus, with any compiler: what a fuzzer once found stays
// a test.
//
// Beside the files themselves it tries, from a fixed seed, variants of each with one byte changed
// or the end cut off, so that a small corpus tests more than itself. A corpus without a file fails.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes);

namespace {

constexpr int kVariantsOfEach = 200;
constexpr std::size_t kRandomInputBytes = 128;

using Bytes = std::vector<std::uint8_t>;

void run(const Bytes& input) {
  (void)LLVMFuzzerTestOneInput(input.data(), input.size());
}

void run_variants(const Bytes& input, std::mt19937& random) {
  run(input);
  for (int i = 0; i < kVariantsOfEach && !input.empty(); ++i) {
    Bytes changed = input;
    changed[random() % changed.size()] = static_cast<std::uint8_t>(random());
    if (i % 4 == 0) changed.resize(random() % changed.size());
    run(changed);
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::mt19937 random(1);
  std::size_t files = 0;
  for (int i = 1; i < argc; ++i) {
    if (!std::filesystem::is_directory(argv[i])) continue;
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      std::ifstream file(entry.path(), std::ios::binary);
      run_variants(Bytes(std::istreambuf_iterator<char>(file), {}), random);
      ++files;
    }
  }
  Bytes noise(kRandomInputBytes);
  for (auto& byte : noise) byte = static_cast<std::uint8_t>(random());
  run({});
  run_variants(noise, random);
  std::printf("replayed %zu files\n", files);
  return files == 0 ? 1 : 0;  // a corpus that is not where the build says is a failure
}
