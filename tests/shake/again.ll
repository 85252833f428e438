; The same input gives the same bytes; what is left can be shaken again, and nothing
; more goes.
; RUN: %shake %s %t > %t.first
; RUN: cp %t/shaken.bc %t.once
; RUN: %shake %s %t > %t.second
; RUN: cmp %t.once %t/shaken.bc
; RUN: llvm-dis %t.once -o %t.again.ll
; RUN: %shake %t.again.ll %t.twice > %t.third
; RUN: grep -c ^define %t.first > %t.count1
; RUN: grep -c ^define %t.third > %t.count2
; RUN: cmp %t.count1 %t.count2
define void @start_kernel() {
  %r = call i64 @x64_sys_call(ptr null, i32 0)
  ret void
}
define void @nobody() {
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
