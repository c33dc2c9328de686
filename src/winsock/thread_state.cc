// One object per thread, made at the first use. Surprise: the thread's handle is a duplicate,
// because the pseudo handle that GetCurrentThread returns means another thread to whoever queues
// the APC.
#include "winsock/thread_state.h"

#include <windows.h>

namespace oriel::winsock {

void NameAnswer::link() {
  aliases.clear();
  addresses.clear();
  for (std::string& text : alias_text) aliases.push_back(text.data());
  for (std::string& bytes : address_bytes) addresses.push_back(bytes.data());
  aliases.push_back(nullptr);
  addresses.push_back(nullptr);
}

ThreadState::~ThreadState() {
  if (thread.ThreadHandle != nullptr) CloseHandle(thread.ThreadHandle);
}

ThreadState& thread_state() {
  thread_local ThreadState state;
  return state;
}

LPWSATHREADID thread_for(LPWSAOVERLAPPED_COMPLETION_ROUTINE routine) {
  if (routine == nullptr) return nullptr;
  WSATHREADID& thread = thread_state().thread;
  if (thread.ThreadHandle == nullptr) {
    const HANDLE process = GetCurrentProcess();
    DuplicateHandle(process, GetCurrentThread(), process, &thread.ThreadHandle, 0, FALSE,
                    DUPLICATE_SAME_ACCESS);
  }
  return &thread;
}

}  // namespace oriel::winsock
