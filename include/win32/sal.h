// The annotations of parameters that newer sources carry; they mean nothing to g++ and clang.
#ifndef ORIEL_SAL_H
#define ORIEL_SAL_H

#define _In_
#define _In_opt_
#define _In_z_
#define _In_opt_z_
#define _Inout_
#define _Inout_opt_
#define _Out_
#define _Out_opt_
#define _Outptr_
#define _Outptr_opt_
#define _Outptr_result_maybenull_
#define _Ret_maybenull_
#define _Ret_notnull_
#define _Reserved_
#define _Check_return_
#define _Must_inspect_result_
#define _Success_(what)
#define _When_(when, what)
#define _In_reads_(n)
#define _In_reads_opt_(n)
#define _In_reads_bytes_(n)
#define _In_reads_bytes_opt_(n)
#define _Out_writes_(n)
#define _Out_writes_opt_(n)
#define _Out_writes_z_(n)
#define _Out_writes_bytes_(n)
#define _Out_writes_bytes_opt_(n)
#define _Out_writes_bytes_to_(n, m)
#define _Out_writes_bytes_to_opt_(n, m)
#define _Out_writes_to_(n, m)
#define _Inout_updates_(n)
#define _Inout_updates_bytes_(n)
#define _Field_size_(n)
#define _Field_size_bytes_(n)
#define _Printf_format_string_
#define _Analysis_assume_(what)
#define _Acquires_lock_(what)
#define _Releases_lock_(what)
#define _Requires_lock_held_(what)
#define _Guarded_by_(what)
#define _Use_decl_annotations_
#define _Frees_ptr_opt_
#define _Null_terminated_
#define _IRQL_requires_max_(what)
#define _IRQL_requires_(what)
#define _IRQL_requires_same_
#define _Function_class_(what)
#define _At_(where, what)
#define _Post_
#define _Pre_
#define _Field_size_bytes_part_(n, m)
#define _Field_size_opt_(n)
#define _Return_type_success_(what)
#define _IRQL_raises_(what)
#define _IRQL_saves_
#define _IRQL_restores_
#define _IRQL_always_function_max_(what)
#define _Dispatch_type_(what)
#define __drv_allocatesMem(what)
#define __drv_freesMem(what)
#define __drv_aliasesMem

#endif
