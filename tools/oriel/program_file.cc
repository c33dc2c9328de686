// PATH, and two names that only programs linked with Oriel carry. A name survives stripping and
// needs no reading of ELF tables: the shared library's in the dynamic section, a variable's in the
// code that reads it.
#include "program_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string_view>
#include <vector>

namespace oriel::cli {
namespace {

constexpr std::string_view kSharedName = "liboriel.so";
constexpr std::string_view kVariableName = "ORIEL_END_WAIT";
constexpr std::string_view kElfMagic = "\177ELF";
constexpr std::size_t kPieceBytes = 1u << 20;

bool is_file(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

bool has_either_name(std::ifstream& file) {
  std::vector<char> piece(kPieceBytes);
  std::string text;  // a piece and the end of the one before
  while (file) {
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    text.append(piece.data(), static_cast<std::size_t>(file.gcount()));
    if (text.find(kSharedName) != text.npos || text.find(kVariableName) != text.npos) return true;
    if (text.size() > kVariableName.size()) text.erase(0, text.size() - kVariableName.size());
  }
  return false;
}

}  // namespace

std::string find_program(const std::string& name) {
  if (name.find('/') != name.npos) return name;
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "/usr/bin:/bin" : path;
  while (!rest.empty()) {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    const std::string folder(rest.substr(0, colon));
    const std::string candidate = (folder.empty() ? "." : folder) + "/" + name;
    if (is_file(candidate) && ::access(candidate.c_str(), X_OK) == 0) return candidate;
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
  return {};
}

ProgramKind inspect_program(const std::string& path) {
  if (path.empty() || ::access(path.c_str(), F_OK) != 0) return ProgramKind::kMissing;
  if (!is_file(path) || ::access(path.c_str(), X_OK) != 0) return ProgramKind::kUnrunnable;
  std::ifstream file(path, std::ios::binary);
  char magic[4] = {};
  file.read(magic, sizeof magic);
  // A program that may be run but not read is taken as it is.
  if (!file || std::string_view(magic, sizeof magic) != kElfMagic) return ProgramKind::kScript;
  return has_either_name(file) ? ProgramKind::kLinked : ProgramKind::kUnlinked;
}

}  // namespace oriel::cli
