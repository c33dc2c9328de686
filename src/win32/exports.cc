// A weak reference to every name that the headers declare: what was not linked in is null.
//
// CMake makes export_names.inc from the headers when it configures, sorted by name.
#include "win32/exports.h"

#include <algorithm>
#include <cstring>
#include <iterator>

#define ORIEL_EXPORT(name) extern "C" __attribute__((weak)) void oriel_##name();
#include "win32/export_names.inc"
#undef ORIEL_EXPORT

namespace oriel::win32 {
namespace {

struct Export {
  const char* name;
  void (*function)();
};

const Export kExports[] = {
#define ORIEL_EXPORT(name) {#name, oriel_##name},
#include "win32/export_names.inc"
#undef ORIEL_EXPORT
};

}  // namespace

void* find_export(const char* name) {
  const auto* found = std::lower_bound(
      std::begin(kExports), std::end(kExports), name,
      [](const Export& e, const char* wanted) { return std::strcmp(e.name, wanted) < 0; });
  if (found == std::end(kExports) || std::strcmp(found->name, name) != 0) return nullptr;
  return reinterpret_cast<void*>(found->function);
}

}  // namespace oriel::win32
