// Reading a settings file, and replacing it in one step.
//
// A reader sees the old text or the new one, never a part. Writers take turns by a lock on the
// directory, so that no edit is lost. Mode and owner stay; a file that its reader may not write is
// not replaced, although the directory would allow it; a symbolic link stays and its target
// changes.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "oriel/error.h"

namespace oriel::settings {

struct FileText {
  bool is_there = false;
  std::string text;
};

/// A file that is not there is empty. Errors: a sentence that names the file and the cause.
Result<FileText> read_file(const std::string& path);

/// Gives the present text to `edit` and, if it gives back another, replaces the file with it, made
/// with its directories if need be. On any error nothing has changed. Waits for other writers.
Result<void> edit_file(const std::string& path,
                       const std::function<Result<std::string>(std::string_view)>& edit);

}  // namespace oriel::settings
