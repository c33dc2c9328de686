// The exported functions by name, for programs that ask for them at run time.
#pragma once

namespace oriel::win32 {

/// The function that the headers call `name`; nullptr: there is none, or the program's linker left
/// it out.
void* find_export(const char* name);

}  // namespace oriel::win32
