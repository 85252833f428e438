; An initcall is reached by whoever walks the table; what it needs stays.
; RUN: %shake %s %t | FileCheck %s
; CHECK: module asm "{{.*}}__initcall__kmod_one__1_2_one_init6
; CHECK-NOT: export_symbol
; CHECK: define {{.*}}@__initstub__one
; CHECK: define internal {{.*}}@needed
; CHECK-NOT: @exported
; Without anybody who walks it, it goes.
; RUN: sed 's/load i32, ptr @__initcall6_start/load i32, ptr @other/' %s > %t.none.ll
; RUN: %shake %t.none.ll %t | FileCheck --check-prefix=NONE %s
; NONE-NOT: __initstub__one
; NONE-NOT: @needed
; A rule that holds drops it; one whose condition is true does not.
; RUN: echo 'skip one_init unless ptrace: nobody traces' > %t.rules
; RUN: %shake %s %t %t.rules | FileCheck --check-prefix=NONE %s
; RUN: jq -r '.cuts[] | "\(.class) \(.name): \(.evidence)"' %t/shake.json | FileCheck --check-prefix=CUT %s
; CUT: initcall one_init: nobody traces; none holds of: ptrace
; RUN: echo 'skip one_init unless ptrace read.1=2: nobody traces' > %t.rules
; RUN: %shake %s %t %t.rules | FileCheck %s
; RUN: echo 'skip one_init unless read.1=3: nobody reads 3' > %t.rules
; RUN: %shake %s %t %t.rules | FileCheck --check-prefix=NONE %s
; RUN: echo 'skip one_init until read: what is this' > %t.rules
; RUN: not %shake %s %t %t.rules 2>&1 | FileCheck --check-prefix=WRONG %s
; WRONG: rules:1: 'unless' is expected before 'until'
module asm ".section \22.initcall6.init..kmod_one\22, \22a\22"
module asm "__initcall__kmod_one__1_2_one_init6:"
module asm ".long __initstub__one - ."
module asm ".previous"
module asm ".section \22.export_symbol\22,\22a\22 ; __export_symbol_exported: ; .quad exported ; .previous"
@other = global i32 0
define void @__initstub__one() {
  call void @needed()
  ret void
}
define void @needed() noinline {
  ret void
}
define void @exported() {
  ret void
}
define void @start_kernel() {
  %first = load i32, ptr @__initcall6_start
  %r = call i64 @x64_sys_call(ptr null, i32 %first)
  ret void
}

@anneal_dropped_names = weak constant [1 x i8] zeroinitializer
@__initcall6_start = external global i32
@__initcall_end = external global i32
@__setup_start = external global i32

define i64 @anneal_dropped_syscall(ptr %regs) {
  %c = load i8, ptr @anneal_dropped_names
  %w = zext i8 %c to i64
  ret i64 %w
}
define i64 @__x64_sys_read(ptr %regs) {
  ret i64 0
}
define i64 @__x64_sys_ptrace(ptr %regs) {
  call void @only_ptrace()
  ret i64 0
}
define internal void @only_ptrace() noinline {
  ret void
}
define i64 @x64_sys_call(ptr %regs, i32 %nr) {
  switch i32 %nr, label %none [
    i32 0, label %a
    i32 101, label %b
  ]
a:
  %ra = tail call i64 @__x64_sys_read(ptr %regs)
  ret i64 %ra
b:
  %rb = tail call i64 @__x64_sys_ptrace(ptr %regs)
  ret i64 %rb
none:
  ret i64 -38
}
