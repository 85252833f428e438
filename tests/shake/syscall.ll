; A system call that no program makes goes, with what only it needs.
; RUN: %shake %s %t | FileCheck %s
; RUN: jq -r '.cuts[] | "\(.class) \(.name): \(.evidence)"' %t/shake.json | FileCheck --check-prefix=CUT %s
; CHECK: @anneal_dropped_names = internal constant {{.*}}"101 ptrace\00\00"
; CHECK-NOT: only_ptrace
; CHECK: define internal i64 @x64_sys_call
; CHECK: call i64 @__x64_sys_read
; CHECK: call i64 @anneal_dropped_syscall
; CHECK-NOT: ptrace
; CUT: syscall ptrace: no call of number 101 in prog
define void @start_kernel() {
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
