// The second part of the host's own mapping is replaced by private memory: the list that the node
// joins holds addresses, and other processes shall not learn those.
#include "loopback/life_page.h"

#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace oriel::loopback {

Result<LifePage> LifePage::create() {
  auto file = MemoryFile::create(kLifePageBytes, "oriel-life");
  if (!file) return Failure(file.error());
  void* const at = file->own() + kLifeNodeAt;
  void* const own = ::mmap(at, kLifePartBytes, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  if (own == MAP_FAILED) return fail(ErrorCode::kNoBuffers, std::string(std::strerror(errno)));
  return LifePage(std::move(*file));
}

std::atomic<std::uint32_t>& LifePage::word() {
  return *reinterpret_cast<std::atomic<std::uint32_t>*>(file_.own() + kLifeWordAt);
}

runtime::RobustNode& LifePage::node() {
  return *reinterpret_cast<runtime::RobustNode*>(file_.own() + kLifeNodeAt);
}

void LifePage::hold() {
  if (file_) (void)runtime::hold_robustly(word(), node());
}

void LifePage::let_go() {
  if (file_) runtime::let_go_robustly(word(), node());
}

LifeSign::LifeSign(const MemoryFile& page) {
  if (!page) return;
  word_ = reinterpret_cast<const std::atomic<std::uint32_t>*>(page.view() + kLifeWordAt);
}

}  // namespace oriel::loopback
