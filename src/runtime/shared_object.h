// Code that a program brings by name: a function of the program itself, or of a shared object.
//
// Loaded objects stay loaded until the process ends, so a function found once stays good.
#pragma once

#include <string>

namespace oriel::runtime {

/// The address of `symbol` in the program and its libraries; nullptr: none exported. Thread: any.
void* find_own_symbol(const std::string& symbol);

/// Loads the shared object at `path` (once) and finds `symbol` there; nullptr: no such object or
/// symbol. Runs the object's initialisers. Thread: any.
void* find_symbol(const std::string& path, const std::string& symbol);

struct FoundSymbol {
  void* address = nullptr;  ///< nullptr: the object has no such symbol
  bool is_loaded = false;
  std::string error;  ///< why it is not loaded, in the dynamic linker's words
};

/// The same, with what went wrong; everything that the object needs must be there. Thread: any.
FoundSymbol load_symbol(const std::string& path, const std::string& symbol);

}  // namespace oriel::runtime
