// What a program sees of a request's end: status words, event, packet, in all combinations.
#include "win32/io_completion.h"

#include <gtest/gtest.h>
#include <ioapiset.h>

#include <thread>
#include <utility>
#include <vector>

#include "runtime/thread.h"
#include "runtime/wait_many.h"
#include "win32/handle_table.h"
#include "win32/sync_objects.h"

namespace oriel::win32 {
namespace {

class ScriptedFile final : public FileObject {
 public:
  ScriptedFile() : FileObject(ObjectKind::kFile) {}
  bool cancel_io(OVERLAPPED* which, std::uint32_t thread_id) override {
    cancels.push_back({which, thread_id});
    return true;
  }
  std::vector<std::pair<OVERLAPPED*, std::uint32_t>> cancels;
};

struct IoCompletion : testing::Test {
  Ref<ScriptedFile> file = make_ref<ScriptedFile>();
  Ref<runtime::CompletionPort> port = make_ref<runtime::CompletionPort>(0u);
  OVERLAPPED overlapped{};

  std::size_t packets() { return port->depth(); }
};

TEST_F(IoCompletion, AssociatesOnce) {
  EXPECT_TRUE(file->associate(port, 7));
  EXPECT_FALSE(file->associate(port, 8));
  EXPECT_EQ(file->key(), 7u);
}

TEST_F(IoCompletion, WritesStatusThenPostsOnePacket) {
  file->associate(port, 7);
  begin_overlapped(overlapped);
  EXPECT_TRUE(is_pending(overlapped));
  complete_overlapped(*file, overlapped, STATUS_CONNECTION_RESET, 12, false);
  EXPECT_EQ(overlapped.Internal, 0xC000020Du);
  EXPECT_EQ(overlapped.InternalHigh, 12u);
  runtime::CompletionPacket packet;
  ASSERT_EQ(port->get({&packet, 1}, Instant{0}).count, 1u);
  EXPECT_EQ(packet.key, 7u);
  EXPECT_EQ(packet.context, &overlapped);
  EXPECT_EQ(packet.status, 0xC000020Du);
  EXPECT_EQ(packet.bytes, 12u);
}

TEST_F(IoCompletion, SetsTheEventAlsoWithLowBitWhichKeepsThePacketAway) {
  file->associate(port, 7);
  const HANDLE event = handles().insert(make_ref<EventObject>(true, true));
  const Ref<EventObject> object = handles().find_as<EventObject>(event);
  overlapped.hEvent = event;
  begin_overlapped(overlapped);
  EXPECT_FALSE(object->it.is_set());
  complete_overlapped(*file, overlapped, STATUS_SUCCESS, 0, false);
  EXPECT_TRUE(object->it.is_set());
  EXPECT_EQ(packets(), 1u);
  overlapped.hEvent = reinterpret_cast<HANDLE>(reinterpret_cast<std::uintptr_t>(event) | 1);
  begin_overlapped(overlapped);
  EXPECT_FALSE(object->it.is_set());
  complete_overlapped(*file, overlapped, STATUS_SUCCESS, 0, false);
  EXPECT_TRUE(object->it.is_set());
  EXPECT_EQ(packets(), 1u);
  handles().close(event);
}

TEST_F(IoCompletion, SkipModeConcernsImmediateSuccessOnly) {
  file->associate(port, 7);
  file->add_modes(FILE_SKIP_COMPLETION_PORT_ON_SUCCESS);
  complete_overlapped(*file, overlapped, STATUS_SUCCESS, 0, true);
  EXPECT_EQ(packets(), 0u);
  complete_overlapped(*file, overlapped, STATUS_SUCCESS, 0, false);
  EXPECT_EQ(packets(), 1u);
  complete_overlapped(*file, overlapped, STATUS_NOT_SUPPORTED, 0, true);
  EXPECT_EQ(packets(), 2u);
}

TEST_F(IoCompletion, ARequestWithoutEventCanBeWaitedFor) {
  begin_overlapped(overlapped);
  EXPECT_FALSE(file->wait_for_completion(overlapped, Instant{1}));
  std::thread completer([&] { complete_overlapped(*file, overlapped, STATUS_SUCCESS, 3, false); });
  EXPECT_TRUE(file->wait_for_completion(overlapped, Instant::never()));
  completer.join();
}

TEST_F(IoCompletion, AThreadsEndCancelsWhatItIssuedUnlessAPortHearsOfIt) {
  const HANDLE handle = handles().insert(file);
  auto issue_in_a_thread = [&] {
    const auto thread =
        runtime::start_thread({[](void* request) {
                                 begin_overlapped(*static_cast<OVERLAPPED*>(request));
                                 return 0u;
                               },
                               &overlapped, 0, false});
    runtime::wait_one(thread.record->end(), Instant::never());
    return thread.record->id();
  };
  const std::uint32_t id = issue_in_a_thread();
  ASSERT_EQ(file->cancels.size(), 1u);
  EXPECT_EQ(file->cancels[0], std::make_pair(static_cast<OVERLAPPED*>(nullptr), id));
  file->associate(port, 7);
  issue_in_a_thread();
  EXPECT_EQ(file->cancels.size(), 1u);
  handles().close(handle);
}

TEST(Win32Error, OfStatus) {
  EXPECT_EQ(win32_error_of(STATUS_SUCCESS), 0u);
  EXPECT_EQ(win32_error_of(STATUS_NOT_SUPPORTED), 50u);
  EXPECT_EQ(win32_error_of(STATUS_CANCELLED), 995u);
  EXPECT_EQ(win32_error_of(STATUS_CONNECTION_RESET), 64u);
  EXPECT_EQ(win32_error_of(STATUS_PENDING), 997u);
}

}  // namespace
}  // namespace oriel::win32
