// One connection to each name p/PID, one question, lines until the hang-up.
#include "loopback/questions.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>

#include "loopback/message.h"
#include "loopback/names.h"
#include "runtime/clock.h"
#include "runtime/wait.h"

namespace oriel::loopback {
namespace {

constexpr std::string_view kLastLine = "end\n";

struct Asked {
  Answer answer;
  runtime::UniqueFd fd;
};

std::string program_of(int pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/comm";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"),
                                                             std::fclose);
  char name[64] = "";
  if (file == nullptr || std::fgets(name, sizeof name, file.get()) == nullptr) return "?";
  std::string text(name);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, ' ');
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

/// Reads what has come. False: nothing more will.
bool read_some(Asked& asked) {
  std::vector<char> message(64u << 10);
  for (;;) {
    const ssize_t n = ::recv(asked.fd.get(), message.data(), message.size(), MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return true;
    if (n <= 0) return false;
    asked.answer.text.append(message.data(), static_cast<std::size_t>(n));
    if (asked.answer.text.size() > kAnswerBytesMax) return false;
    if (asked.answer.text.ends_with(kLastLine)) {
      asked.answer.text.resize(asked.answer.text.size() - kLastLine.size());
      asked.answer.is_whole = true;
      return false;
    }
  }
}

std::vector<Asked> ask(const Names& names) {
  std::vector<Asked> all;
  const auto kind = static_cast<std::uint8_t>(MessageKind::kAskStat);
  for (const std::string& name : names.list("p/")) {
    auto found = names.find(name);
    if (!found) continue;  // another user's, or gone meanwhile
    if (::send(found->fd.get(), &kind, 1, MSG_DONTWAIT | MSG_NOSIGNAL) != 1) continue;
    Asked& asked = all.emplace_back();
    asked.answer.pid = found->pid;
    asked.answer.program = program_of(found->pid);
    asked.fd = std::move(found->fd);
  }
  return all;
}

}  // namespace

Result<std::vector<Answer>> ask_all(std::string_view domain, Duration limit) {
  const auto names = Names::of_domain(domain);
  if (!names) return Failure(names.error());
  std::vector<Asked> all = ask(*names);
  const Instant deadline = runtime::real_now() + limit;
  for (;;) {
    std::vector<runtime::FdWait> waits;
    for (const Asked& a : all) {
      if (a.fd && waits.size() < runtime::kFdWaitMax) waits.emplace_back().fd = a.fd.get();
    }
    if (waits.empty() || runtime::real_now() >= deadline) break;
    runtime::fd_wait(waits, deadline);
    for (Asked& a : all) {
      if (a.fd && !read_some(a)) a.fd.reset();
    }
  }
  std::vector<Answer> answers;
  for (Asked& a : all) answers.push_back(std::move(a.answer));
  std::sort(answers.begin(), answers.end(),
            [](const Answer& a, const Answer& b) { return a.pid < b.pid; });
  return answers;
}

}  // namespace oriel::loopback
