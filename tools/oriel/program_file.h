// What can be said about a program before it runs.
#pragma once

#include <string>

namespace oriel::cli {

enum class ProgramKind {
  kMissing,     ///< no such file, here or in PATH
  kUnrunnable,  ///< a directory, or without the right to run it
  kScript,      ///< not ELF: what it starts decides
  kLinked,      ///< ELF that has Oriel in it, or asks for liboriel.so
  kUnlinked,    ///< ELF that shows neither
};

/// The file that execvp would run, or an empty text.
std::string find_program(const std::string& name);

/// Reads the file that find_program gave. Bound: one pass over the file.
ProgramKind inspect_program(const std::string& path);

}  // namespace oriel::cli
