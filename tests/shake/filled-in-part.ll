; A fill that ends within the number.
; RUN: not %calls %s %t 2>&1 | FileCheck %s
; CHECK: in _start() cannot be computed: memory is written over the value only in part

@object = internal global { i32, i32 } { i32 1, i32 295 }
module asm ".globl memset"
module asm "memset: ret"
declare ptr @memset(ptr, i32, i64)
define void @_start() {
  call ptr @memset(ptr @object, i32 0, i64 5)
  %n = load i32, ptr getelementptr ({ i32, i32 }, ptr @object, i32 0, i32 1)
  call i64 asm sideeffect "syscall", "={ax},{ax}"(i32 %n)
  ret void
}
