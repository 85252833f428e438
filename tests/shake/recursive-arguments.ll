; A function that calls itself with its arguments swapped: what the outer call passes
; second is the number of the inner one.
; RUN: %calls %s %t | FileCheck %s
; CHECK-DAG: 1 write swap
; CHECK-DAG: 39 getpid swap

define internal i64 @swap(i64 %a, i64 %b) noinline {
  %c = call i1 asm sideeffect "", "=r"()
  br i1 %c, label %again, label %make
again:
  %x = call i64 @swap(i64 %b, i64 %a)
  ret i64 %x
make:
  %r = call i64 asm sideeffect "syscall", "={ax},{ax},{di}"(i64 %a, i64 %b)
  ret i64 %r
}
define void @_start() {
  call i64 @swap(i64 1, i64 39)
  ret void
}
