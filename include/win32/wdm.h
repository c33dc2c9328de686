// The subset of wdm.h that drivers with WSK sockets need, in user space: IRPs and MDLs, events,
// spin locks, threads, work items, lists, pool, messages. docs/guide/wsk.md says what drivers of
// such headers run on.
//
// Values and layouts: Windows SDK, wdm.h, as of Win64; behaviour: Microsoft Learn.
#ifndef _WDM_
#define _WDM_
#ifndef _NTDDK_
#define _WDMDDK_
#endif

#include <ntdef.h>
#include <ntstatus.h>
#include <oriel_win_exceptions.h>
#include <oriel_win_interlocked.h>
#include <oriel_win_irp.h>
#include <oriel_win_kernel_debug.h>
#include <oriel_win_kernel_lists.h>
#include <oriel_win_kernel_memory.h>
#include <oriel_win_kernel_registry.h>
#include <oriel_win_kernel_waits.h>

#endif
