; A wrapper that calls itself with the number it was given.
; RUN: %calls %s %t | FileCheck %s
; CHECK: 0 read again
; CHECK: 1 write again
; CHECK-NOT: close

define internal i64 @again(i64 %n, i64 %left) noinline {
  %r = call i64 asm sideeffect "syscall", "={ax},{ax}"(i64 %n)
  %stop = icmp eq i64 %left, 0
  br i1 %stop, label %end, label %more
more:
  %less = sub i64 %left, 1
  %x = call i64 @again(i64 %n, i64 %less)
  ret i64 %x
end:
  ret i64 %r
}
define void @_start() {
  call i64 @again(i64 0, i64 3)
  call i64 @again(i64 1, i64 3)
  ret void
}
