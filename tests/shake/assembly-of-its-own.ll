; Assembly that holds more than the instruction may move registers, or make two calls:
; its operands say nothing. What follows the instruction on its line does no harm.
; RUN: not %calls %s %t 2>&1 | FileCheck %s
; CHECK-NOT: in plain()
; CHECK: system call in moves() cannot be computed: the assembly does more than make the call
; CHECK: system call in two() cannot be computed: the assembly does more than make the call

define void @plain() {
  call i64 asm sideeffect "\09syscall ;\0A", "={ax},{ax}"(i64 39)
  ret void
}
define void @moves() {
  call i64 asm sideeffect "movl $$60, %eax; syscall", "={ax},{ax}"(i64 39)
  ret void
}
define void @two() {
  call i64 asm sideeffect "syscalls = 1; syscall; movl $$3, %eax; syscall", "={ax},{ax}"(i64 39)
  ret void
}
define void @_start() {
  call void @plain()
  call void @moves()
  call void @two()
  ret void
}
