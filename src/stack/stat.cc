// Asking all processes of a domain: answers into reports.
#include "oriel/stat.h"

#include "loopback/questions.h"
#include "stack/stat_lines.h"

namespace oriel {

Result<std::vector<ProcessReport>> ask_processes(std::string_view domain, Duration limit) {
  auto answers = loopback::ask_all(domain, limit);
  if (!answers) return Failure(answers.error());
  std::vector<ProcessReport> all;
  for (const loopback::Answer& a : *answers) {
    ProcessReport& process = all.emplace_back();
    process.pid = a.pid;
    process.program = a.program;
    process.is_answering = a.is_whole;
    std::string_view text = a.text;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      if (auto line = stack::read_stat_line(text.substr(0, end))) {
        process.connections.push_back(std::move(*line));
      }
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }
  return all;
}

}  // namespace oriel
