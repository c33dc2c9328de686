// Registers the cases of win_case.h with GoogleTest, so that ctest sees each. This unit sees no
// Windows header.
#include <gtest/gtest.h>

#include <string>

#include "support/win_case.h"

namespace win_case {
namespace {

const Case*& head() {
  static const Case* first = nullptr;
  return first;
}

class Runs : public testing::Test {
 public:
  explicit Runs(const Case& which) : case_(which) {}
  void TestBody() override { case_.body(); }

 private:
  const Case& case_;
};

}  // namespace

Case::Case(const char* suite_name, const char* case_name, const char* in_file, int at_line,
           void (*what)())
    : suite(suite_name), name(case_name), file(in_file), line(at_line), body(what), next(head()) {
  head() = this;
}

const Case* first_case() {
  return head();
}

void fail(const char* file, int line, const std::string& text) {
  ADD_FAILURE_AT(file, line) << text;
}

bool has_failed() {
  return testing::Test::HasFailure();
}

void skip(const char* file, int line, const char* reason) {
  GTEST_MESSAGE_AT_(file, line, reason, testing::TestPartResult::kSkip);
}

void prove(int line, const char* requirement) {
  testing::Test::RecordProperty("requirement_" + std::to_string(line), requirement);
}

}  // namespace win_case

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  for (const win_case::Case* c = win_case::first_case(); c != nullptr; c = c->next) {
    testing::RegisterTest(c->suite, c->name, nullptr, nullptr, c->file, c->line,
                          [c]() -> testing::Test* { return new win_case::Runs(*c); });
  }
  return RUN_ALL_TESTS();
}
