// The dynamic linker, and nothing around it.
#include "runtime/shared_object.h"

#include <dlfcn.h>

namespace oriel::runtime {

void* find_own_symbol(const std::string& symbol) {
  return ::dlsym(RTLD_DEFAULT, symbol.c_str());
}

void* find_symbol(const std::string& path, const std::string& symbol) {
  void* object = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  return object == nullptr ? nullptr : ::dlsym(object, symbol.c_str());
}

FoundSymbol load_symbol(const std::string& path, const std::string& symbol) {
  FoundSymbol found;
  void* object = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (object == nullptr) {
    const char* error = ::dlerror();
    found.error = error == nullptr ? "no reason given" : error;
    return found;
  }
  found.is_loaded = true;
  found.address = ::dlsym(object, symbol.c_str());
  return found;
}

}  // namespace oriel::runtime
