// The way of a packet down and up the stack locations.
#include <gtest/gtest.h>
#include <wdm.h>

#include <atomic>
#include <thread>

#include "support/req.h"
#include "wdm/checks.h"

namespace oriel::wdm {
namespace {

struct Heard {
  int calls = 0;
  NTSTATUS answer = STATUS_MORE_PROCESSING_REQUIRED;
  NTSTATUS status = 0;
  PDEVICE_OBJECT device = nullptr;
  BOOLEAN is_pending = FALSE;
};

NTSTATUS NTAPI hear(PDEVICE_OBJECT device, PIRP irp, PVOID context) {
  auto& heard = *static_cast<Heard*>(context);
  ++heard.calls;
  heard.status = irp->IoStatus.Status;
  heard.device = device;
  heard.is_pending = irp->PendingReturned;
  return heard.answer;
}

/// What a driver below does: takes its location, and completes.
void take_and_complete(PIRP irp, NTSTATUS status, ULONG_PTR information) {
  IoSetNextIrpStackLocation(irp);
  IoMarkIrpPending(irp);
  irp->IoStatus.Status = status;
  irp->IoStatus.Information = information;
  IoCompleteRequest(irp, IO_NO_INCREMENT);
}

TEST(Irp, ANewOneIsAtItsCreator) {
  REQ("WSK-2");
  PIRP irp = IoAllocateIrp(3, FALSE);
  EXPECT_EQ(irp->Type, IO_TYPE_IRP);
  EXPECT_EQ(irp->Size, sizeof(IRP) + 3 * sizeof(IO_STACK_LOCATION));
  EXPECT_EQ(irp->StackCount, 3);
  EXPECT_EQ(irp->CurrentLocation, 4);
  EXPECT_EQ(reinterpret_cast<char*>(IoGetNextIrpStackLocation(irp) + 1),
            reinterpret_cast<char*>(irp) + irp->Size);
  IoFreeIrp(irp);
}

TEST(Irp, TheRoutineGetsThePacketBackAndItCanBeUsedAgain) {
  REQ("WSK-2");
  PIRP irp = IoAllocateIrp(1, FALSE);
  for (const NTSTATUS status : {STATUS_SUCCESS, STATUS_CONNECTION_RESET}) {
    Heard heard;
    IoSetCompletionRoutine(irp, hear, &heard, TRUE, TRUE, TRUE);
    take_and_complete(irp, status, 7);
    EXPECT_EQ(heard.calls, 1);
    EXPECT_EQ(heard.status, status);
    EXPECT_EQ(heard.device, nullptr) << "a creator has no device";
    EXPECT_TRUE(heard.is_pending);
    EXPECT_EQ(irp->IoStatus.Information, 7u);
    IoReuseIrp(irp, STATUS_UNSUCCESSFUL);
    EXPECT_EQ(irp->IoStatus.Status, STATUS_UNSUCCESSFUL);
    EXPECT_EQ(irp->IoStatus.Information, 0u);
    EXPECT_EQ(irp->CurrentLocation, 2);
    EXPECT_EQ(IoGetNextIrpStackLocation(irp)->CompletionRoutine, nullptr);
  }
  IoFreeIrp(irp);
}

TEST(Irp, ARoutineHearsOnlyWhatItAskedFor) {
  struct AskedRow {
    BOOLEAN on_success, on_error, on_cancel;
    NTSTATUS status;
    BOOLEAN is_cancelled;
    int calls;
  };
  const AskedRow rows[] = {
      {TRUE, FALSE, FALSE, STATUS_SUCCESS, FALSE, 1},
      {FALSE, TRUE, FALSE, STATUS_SUCCESS, FALSE, 0},
      {TRUE, FALSE, FALSE, STATUS_UNSUCCESSFUL, FALSE, 0},
      {FALSE, TRUE, FALSE, STATUS_UNSUCCESSFUL, FALSE, 1},
      {FALSE, FALSE, TRUE, STATUS_CANCELLED, TRUE, 1},
      {FALSE, FALSE, TRUE, STATUS_CANCELLED, FALSE, 0},
  };
  for (const AskedRow& row : rows) {
    PIRP irp = IoAllocateIrp(1, FALSE);
    Heard heard;
    IO_STATUS_BLOCK told{};
    KEVENT event;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    irp->UserIosb = &told;
    irp->UserEvent = &event;
    irp->Cancel = row.is_cancelled;
    IoSetCompletionRoutine(irp, hear, &heard, row.on_success, row.on_error, row.on_cancel);
    take_and_complete(irp, row.status, 0);
    EXPECT_EQ(heard.calls, row.calls) << std::hex << row.status;
    EXPECT_EQ(KeReadStateEvent(&event), row.calls == 0) << "nobody kept it: its creator is told";
    if (row.calls == 0) {
      EXPECT_EQ(told.Status, row.status);
    }
    IoFreeIrp(irp);
  }
}

TEST(Irp, EachDriverOnTheWayUpIsAsked) {
  DRIVER_OBJECT driver{};
  DEVICE_OBJECT upper{};
  upper.DriverObject = &driver;
  DEVICE_OBJECT lower{};
  lower.DriverObject = &driver;
  driver.MajorFunction[IRP_MJ_READ] = [](PDEVICE_OBJECT, PIRP irp) -> NTSTATUS {
    irp->IoStatus.Status = STATUS_SUCCESS;
    irp->IoStatus.Information = 3;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return STATUS_SUCCESS;
  };
  PIRP irp = IoAllocateIrp(2, FALSE);
  Heard creator;
  IoSetCompletionRoutine(irp, hear, &creator, TRUE, TRUE, TRUE);
  IoSetNextIrpStackLocation(irp);  // the upper driver's
  IoGetCurrentIrpStackLocation(irp)->DeviceObject = &upper;
  IoGetCurrentIrpStackLocation(irp)->MajorFunction = IRP_MJ_READ;
  IoCopyCurrentIrpStackLocationToNext(irp);
  Heard middle;
  middle.answer = STATUS_SUCCESS;
  IoSetCompletionRoutine(irp, hear, &middle, TRUE, TRUE, TRUE);
  EXPECT_EQ(IoCallDriver(&lower, irp), STATUS_SUCCESS);
  EXPECT_EQ(middle.calls, 1);
  EXPECT_EQ(middle.device, &upper);
  EXPECT_EQ(creator.calls, 1);
  EXPECT_EQ(irp->IoStatus.Information, 3u);
  IoFreeIrp(irp);
}

TEST(Irp, AnUnknownFunctionCompletesAsInvalid) {
  DRIVER_OBJECT driver{};
  DEVICE_OBJECT device{};
  device.DriverObject = &driver;
  PIRP irp = IoAllocateIrp(1, FALSE);
  Heard heard;
  IoSetCompletionRoutine(irp, hear, &heard, TRUE, TRUE, TRUE);
  EXPECT_EQ(IoCallDriver(&device, irp), STATUS_INVALID_DEVICE_REQUEST);
  EXPECT_EQ(heard.status, STATUS_INVALID_DEVICE_REQUEST);
  IoFreeIrp(irp);
}

VOID NTAPI cancel_it(PDEVICE_OBJECT, PIRP irp) {
  IoReleaseCancelSpinLock(irp->CancelIrql);
  irp->IoStatus.Status = STATUS_CANCELLED;
  IoCompleteRequest(irp, IO_NO_INCREMENT);
}

TEST(Irp, CancelRunsTheRoutineOnce) {
  REQ("WSK-2");
  PIRP irp = IoAllocateIrp(1, FALSE);
  Heard heard;
  IoSetCompletionRoutine(irp, hear, &heard, TRUE, TRUE, TRUE);
  EXPECT_FALSE(IoCancelIrp(irp)) << "nobody holds it";
  irp->Cancel = FALSE;
  IoSetNextIrpStackLocation(irp);
  EXPECT_EQ(IoSetCancelRoutine(irp, cancel_it), nullptr);
  EXPECT_TRUE(IoCancelIrp(irp));
  EXPECT_EQ(heard.calls, 1);
  EXPECT_EQ(heard.status, STATUS_CANCELLED);
  EXPECT_TRUE(irp->Cancel);
  EXPECT_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
  EXPECT_FALSE(IoCancelIrp(irp));
  IoFreeIrp(irp);
}

// Completion and cancellation race for the routine: exactly one of them has it.
TEST(Irp, CancelAndCompletionRaceAndOneWins) {
  REQ("WSK-2");
  constexpr int kRounds = 2000;
  for (int i = 0; i < kRounds; ++i) {
    PIRP irp = IoAllocateIrp(1, FALSE);
    Heard heard;
    IoSetCompletionRoutine(irp, hear, &heard, TRUE, TRUE, TRUE);
    IoSetNextIrpStackLocation(irp);
    IoSetCancelRoutine(irp, cancel_it);
    std::atomic<int> ready{0};
    const auto meet = [&] {
      ++ready;
      while (ready < 2) std::this_thread::yield();
    };
    std::thread canceller([&] {
      meet();
      IoCancelIrp(irp);
    });
    meet();
    if (IoSetCancelRoutine(irp, nullptr) != nullptr) {
      irp->IoStatus.Status = STATUS_SUCCESS;
      IoCompleteRequest(irp, IO_NO_INCREMENT);
    }
    canceller.join();
    EXPECT_EQ(heard.calls, 1);
    IoFreeIrp(irp);
  }
}

TEST(IrpMisuse, IsSaidWhereChecksAreOn) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  if (!are_checks_on()) GTEST_SKIP() << "checks are off";
  PIRP irp = IoAllocateIrp(1, FALSE);
  EXPECT_DEATH(IoCompleteRequest(irp, 0), "IoCompleteRequest: the packet is complete already");
  IoSetNextIrpStackLocation(irp);
  EXPECT_DEATH(IoFreeIrp(irp), "IoFreeIrp: the packet still belongs to a driver below");
  EXPECT_DEATH(IoReuseIrp(irp, STATUS_SUCCESS), "IoReuseIrp: the packet still belongs");
  irp->IoStatus.Status = STATUS_PENDING;
  EXPECT_DEATH(IoCompleteRequest(irp, 0), "its status is still pending");
  IoSkipCurrentIrpStackLocation(irp);
  IoFreeIrp(irp);
}

}  // namespace
}  // namespace oriel::wdm
