// What nearly every exported call does first: times, handles and text of the program become ours.
#pragma once

#include <minwindef.h>

#include <string>

#include "oriel/time.h"
#include "win32/object.h"

namespace oriel::win32 {

/// Milliseconds from now; INFINITE: never; 0: only a look.
Instant deadline_of(DWORD ms);

/// The object of a handle, the pseudo handles of this thread and process included. Empty: there is
/// none, and the last error says so.
Ref<Object> object_of(HANDLE handle);

template <class T>
Ref<T> object_of(HANDLE handle);

/// A new handle to the object; null with the last error set when there is no room.
HANDLE handle_to(Ref<Object> object);

/// As functions that fill a buffer of `size` characters, its end included, do: the length without
/// the end if it fits, else the size that is needed.
template <class Character>
DWORD give_text(const std::basic_string<Character>& text, Character* to, DWORD size);

}  // namespace oriel::win32
