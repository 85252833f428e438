; An output of the assembly in memory has its address among the operands; the number is
; the operand behind it.
; RUN: %calls %s %t | FileCheck %s
; CHECK: 3 close _start {{.*}}1
; CHECK-NOT: 1 write

define void @_start() {
  %m = alloca i64
  %r = call i64 asm sideeffect "syscall", "={ax},=*m,{di},{ax}"(ptr elementtype(i64) %m, i64 1, i64 3)
  ret void
}
