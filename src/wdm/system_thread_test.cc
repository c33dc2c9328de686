// A system thread from its handle to its end, as drivers treat it.
#include "wdm/system_thread.h"

#include <gtest/gtest.h>

#include <atomic>

#include "support/req.h"
#include "wdm/irql.h"

namespace oriel::wdm {
namespace {

struct Job {
  KEVENT go;
  std::atomic<bool> is_terminating{false};
  std::atomic<int> runs{0};
  PETHREAD self = nullptr;
};

VOID NTAPI work(PVOID context) {
  auto& job = *static_cast<Job*>(context);
  job.self = PsGetCurrentThread();
  KeWaitForSingleObject(&job.go, Executive, KernelMode, FALSE, nullptr);
  ++job.runs;
  if (job.is_terminating) PsTerminateSystemThread(STATUS_SUCCESS);
}

class SystemThreads : public ::testing::TestWithParam<bool> {};

TEST_P(SystemThreads, RunAndAreWaitedFor) {
  REQ("WSK-3");
  Job job;
  job.is_terminating = GetParam();
  KeInitializeEvent(&job.go, NotificationEvent, FALSE);
  HANDLE handle = nullptr;
  ASSERT_EQ(PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, nullptr, nullptr, nullptr, work, &job),
            STATUS_SUCCESS);
  PETHREAD thread = nullptr;
  ASSERT_EQ(ObReferenceObjectByHandle(handle, THREAD_ALL_ACCESS, *PsThreadType, KernelMode, &thread,
                                      nullptr),
            STATUS_SUCCESS);
  EXPECT_EQ(ZwClose(handle), STATUS_SUCCESS);
  EXPECT_EQ(ZwClose(handle), STATUS_INVALID_HANDLE);
  LARGE_INTEGER none;
  none.QuadPart = 0;
  EXPECT_EQ(KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, &none), STATUS_TIMEOUT);
  KeSetEvent(&job.go, 0, FALSE);
  EXPECT_EQ(KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, nullptr), STATUS_SUCCESS);
  EXPECT_EQ(job.runs, 1);
  EXPECT_EQ(job.self, thread);
  ObDereferenceObject(thread);
}
INSTANTIATE_TEST_SUITE_P(BothEnds, SystemThreads, ::testing::Bool());

TEST(SystemThread, WrongHandlesAndWrongThreads) {
  PVOID object = nullptr;
  EXPECT_EQ(ObReferenceObjectByHandle(nullptr, 0, nullptr, KernelMode, &object, nullptr),
            STATUS_INVALID_HANDLE);
  HANDLE handle = nullptr;
  EXPECT_EQ(PsCreateSystemThread(&handle, 0, nullptr, nullptr, nullptr, nullptr, nullptr),
            STATUS_INVALID_PARAMETER);
  EXPECT_EQ(PsTerminateSystemThread(STATUS_SUCCESS), STATUS_INVALID_PARAMETER)
      << "this thread is none of the system's";
  EXPECT_EQ(PsGetCurrentThread(), PsGetCurrentThread());
}

}  // namespace
}  // namespace oriel::wdm
