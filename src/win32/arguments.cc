// Times, handles and text.
#include "win32/arguments.h"

#include <algorithm>
#include <chrono>

#include "runtime/clock.h"
#include "runtime/thread_record.h"
#include "win32/file_object.h"
#include "win32/handle_table.h"
#include "win32/last_error.h"
#include "win32/sync_objects.h"

namespace oriel::win32 {
namespace {

const HANDLE kThisProcess = reinterpret_cast<HANDLE>(std::intptr_t{-1});
const HANDLE kThisThread = reinterpret_cast<HANDLE>(std::intptr_t{-2});

}  // namespace

Instant deadline_of(DWORD ms) {
  if (ms == INFINITE) return Instant::never();
  if (ms == 0) return Instant{0};
  return runtime::real_now() + std::chrono::milliseconds(ms);
}

Ref<Object> object_of(HANDLE handle) {
  if (handle == kThisThread) {
    return make_ref<ThreadObject>(Ref<runtime::ThreadRecord>(&runtime::ThreadRecord::current()));
  }
  if (handle == kThisProcess) {
    static const Ref<ProcessObject>& process = *new Ref(make_ref<ProcessObject>());
    return process;
  }
  Ref<Object> object = handles().find(handle);
  if (!object) set_last_error(ERROR_INVALID_HANDLE);
  return object;
}

template <class T>
Ref<T> object_of(HANDLE handle) {
  Ref<Object> object = object_of(handle);
  if (!object) return nullptr;
  if (!T::is_kind(object->kind())) return fail_with(ERROR_INVALID_HANDLE, Ref<T>());
  return Ref<T>::adopt(static_cast<T*>(object.detach()));
}

template Ref<EventObject> object_of(HANDLE);
template Ref<MutexObject> object_of(HANDLE);
template Ref<SemaphoreObject> object_of(HANDLE);
template Ref<TimerObject> object_of(HANDLE);
template Ref<ThreadObject> object_of(HANDLE);
template Ref<ProcessObject> object_of(HANDLE);
template Ref<PortObject> object_of(HANDLE);
template Ref<FileObject> object_of(HANDLE);

HANDLE handle_to(Ref<Object> object) {
  const HANDLE handle = handles().insert(std::move(object));
  if (handle == nullptr) set_last_error(ERROR_NOT_ENOUGH_MEMORY);
  return handle;
}

template <class Character>
DWORD give_text(const std::basic_string<Character>& text, Character* to, DWORD size) {
  const auto needed = static_cast<DWORD>(text.size() + 1);
  if (to == nullptr || size < needed) return needed;
  std::copy_n(text.c_str(), needed, to);
  return needed - 1;
}

template DWORD give_text(const std::string&, char*, DWORD);
template DWORD give_text(const std::wstring&, wchar_t*, DWORD);

}  // namespace oriel::win32
