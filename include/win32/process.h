// Threads of the C runtime. Prototypes: Microsoft Learn, process.h.
#ifndef _INC_PROCESS
#define _INC_PROCESS

#include <minwindef.h>

typedef void(__cdecl* _beginthread_proc_type)(void* argument);
typedef unsigned(__stdcall* _beginthreadex_proc_type)(void* argument);

ORIEL_WIN_BEGIN

uintptr_t __cdecl _beginthread(_beginthread_proc_type, unsigned stack, void* argument)
    ORIEL_WIN(_beginthread);
uintptr_t __cdecl _beginthreadex(void* security, unsigned stack, _beginthreadex_proc_type,
                                 void* argument, unsigned flags, unsigned* id)
    ORIEL_WIN(_beginthreadex);
void __cdecl _endthread(void) ORIEL_WIN_NORETURN(_endthread);
void __cdecl _endthreadex(unsigned code) ORIEL_WIN_NORETURN(_endthreadex);
int __cdecl _getpid(void) ORIEL_WIN(_getpid);

ORIEL_WIN_END

#endif
