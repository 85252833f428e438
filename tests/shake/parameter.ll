; A parameter that the machine's description does not list goes with what takes it.
; RUN: echo 'parameter quiet' > %t.machine
; RUN: touch %t.rules
; RUN: %shake %s %t %t.rules %t.machine | FileCheck %s
; CHECK: define internal i32 @take_quiet
; CHECK-NOT: take_other
; RUN: jq -r '.cuts[] | "\(.class) \(.name)"' %t/shake.json | FileCheck --check-prefix=CUT %s
; CUT: parameter other
@quiet = internal constant [6 x i8] c"quiet\00"
@other = internal constant [7 x i8] c"other=\00"
@one = internal constant { ptr, ptr, i32 } { ptr @quiet, ptr @take_quiet, i32 0 }, section ".init.setup"
@two = internal constant { ptr, ptr, i32 } { ptr @other, ptr @take_other, i32 0 }, section ".init.setup"
@llvm.compiler.used = appending global [2 x ptr] [ptr @one, ptr @two], section "llvm.metadata"
define i32 @take_quiet() {
  ret i32 0
}
define i32 @take_other() {
  ret i32 0
}
define void @start_kernel() {
  %first = load i32, ptr @__setup_start
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
