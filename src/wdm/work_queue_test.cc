// Work items: each routine runs once, elsewhere, at PASSIVE_LEVEL; some of them wait for others.
#include "wdm/work_queue.h"

#include <gtest/gtest.h>
#include <wdm.h>

#include <atomic>

#include "wdm/irql.h"

namespace oriel::wdm {
namespace {

struct Count {
  std::atomic<int> left;
  KEVENT done;
  PIO_WORKITEM item = nullptr;
  PDEVICE_OBJECT device = nullptr;
  explicit Count(int n) : left(n) { KeInitializeEvent(&done, NotificationEvent, FALSE); }
  void one_more() {
    if (--left == 0) KeSetEvent(&done, 0, FALSE);
  }
  void wait() { KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, nullptr); }
};

TEST(WorkItem, RunsAtPassiveLevelAndMayFreeItself) {
  DRIVER_OBJECT driver{};
  PDEVICE_OBJECT device = nullptr;
  ASSERT_EQ(IoCreateDevice(&driver, 16, nullptr, FILE_DEVICE_NETWORK, 0, FALSE, &device),
            STATUS_SUCCESS);
  EXPECT_EQ(driver.DeviceObject, device);
  Count count(1);
  count.device = device;
  count.item = IoAllocateWorkItem(device);
  const auto routine = [](PDEVICE_OBJECT of, PVOID context) {
    auto& c = *static_cast<Count*>(context);
    EXPECT_EQ(of, c.device);
    EXPECT_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
    IoFreeWorkItem(c.item);
    c.one_more();
  };
  {
    AtDispatch scope;  // queueing is allowed here
    IoQueueWorkItem(count.item, routine, DelayedWorkQueue, &count);
  }
  count.wait();
  IoDeleteDevice(device);
  EXPECT_EQ(driver.DeviceObject, nullptr);
}

TEST(WorkItem, ManyRunAndOneMayWaitForAnother) {
  constexpr int kMany = 300;
  Count count(kMany);
  for (int i = 0; i < kMany; ++i) ASSERT_TRUE(queue_work([&] { count.one_more(); }));
  count.wait();

  Count inner(1);
  Count outer(1);
  queue_work([&] {
    inner.wait();
    outer.one_more();
  });
  queue_work([&] { inner.one_more(); });
  outer.wait();
}

}  // namespace
}  // namespace oriel::wdm
