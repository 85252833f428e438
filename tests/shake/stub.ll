; A stub returns at once; what only its body needed goes.
; RUN: echo 'stub attach = -92 unless device=virtio:d00000005*: no such device' > %t.rules
; RUN: echo 'device virtio:d00000001v00' > %t.machine
; RUN: %shake %s %t %t.rules %t.machine | FileCheck %s
; CHECK: define internal i32 @attach
; CHECK-NEXT: ret i32 -92
; CHECK-NOT: @inner
; RUN: echo 'device virtio:d00000005v00' > %t.machine
; RUN: %shake %s %t %t.rules %t.machine | FileCheck --check-prefix=HAS %s
; HAS: call void @inner
; RUN: echo 'gadget virtio' > %t.machine
; RUN: not %shake %s %t %t.rules %t.machine 2>&1 | FileCheck --check-prefix=WRONG %s
; WRONG: machine:1: 'gadget' is not known
define i32 @attach() noinline {
  call void @inner()
  ret i32 0
}
define void @inner() noinline {
  ret void
}
define void @start_kernel() {
  %a = call i32 @attach()
  %r = call i64 @x64_sys_call(ptr null, i32 %a)
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
