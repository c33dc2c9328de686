// A map under one lock; an object leaves it with its last handle.
#include "win32/named_objects.h"

#include <map>

#include "runtime/lock.h"
#include "win32/arguments.h"
#include "win32/last_error.h"

namespace oriel::win32 {
namespace {

struct Names {
  runtime::Lock lock;
  std::map<std::string, Ref<Object>> objects;
};

Names& names() {
  static Names& all = *new Names;
  return all;
}

/// "Local\x" and "Global\x" are x here: there is one session.
std::string without_session(const std::string& name) {
  const auto slash = name.find('\\');
  return slash == std::string::npos ? name : name.substr(slash + 1);
}

}  // namespace

HANDLE open_or_name(const std::string& name, Ref<Object> made) {
  runtime::LockHold hold(names().lock);
  auto [place, is_new] = names().objects.try_emplace(without_session(name), made);
  if (place->second->kind() != made->kind())
    return fail_with<HANDLE>(ERROR_INVALID_HANDLE, nullptr);
  if (is_new) made->note_name();
  const HANDLE handle = handle_to(place->second);
  if (handle != nullptr) set_last_error(is_new ? ERROR_SUCCESS : ERROR_ALREADY_EXISTS);
  return handle;
}

HANDLE open_named(const std::string& name, ObjectKind kind) {
  runtime::LockHold hold(names().lock);
  const auto place = names().objects.find(without_session(name));
  if (place == names().objects.end()) return fail_with<HANDLE>(ERROR_FILE_NOT_FOUND, nullptr);
  if (place->second->kind() != kind) return fail_with<HANDLE>(ERROR_INVALID_HANDLE, nullptr);
  return handle_to(place->second);
}

void forget_name(const Object& object) {
  if (!object.is_named()) return;
  Ref<Object> dropped;  // outlives the lock
  runtime::LockHold hold(names().lock);
  std::erase_if(names().objects, [&](auto& entry) {
    if (entry.second.get() != &object) return false;
    dropped = entry.second;
    return true;
  });
}

}  // namespace oriel::win32
