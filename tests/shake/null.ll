; Pointers to a variable become NULL; a condition that is about other programs.
; RUN: echo 'null events_* unless read!prog: only the others have such' > %t.rules
; RUN: echo 'device virtio:d00000001v00' > %t.machine
; RUN: %shake %s %t %t.rules %t.machine | FileCheck %s
; CHECK-NOT: @events_of_one
; CHECK: call void @use(ptr null)
; RUN: echo 'null events_* unless read!another: prog has such' > %t.rules
; RUN: %shake %s %t %t.rules %t.machine | FileCheck --check-prefix=KEPT %s
; KEPT: @events_of_one = internal
; KEPT: call void @use(ptr @events_of_one)
; RUN: echo 'null events_* unless ptrace!prog: nobody calls it' > %t.rules
; RUN: %shake %s %t %t.rules %t.machine | FileCheck %s
@events_of_one = global [2 x i32] [i32 7, i32 0]
define void @use(ptr %p) noinline {
  %v = load volatile i32, ptr %p
  ret void
}
define void @start_kernel() {
  call void @use(ptr @events_of_one)
  %r = call i64 @x64_sys_call(ptr null, i32 0)
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
