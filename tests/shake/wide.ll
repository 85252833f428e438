; What has more than 64 bits is not computed: that -1 without a sign is more than 5.
; RUN: %calls %s %t | FileCheck %s
; CHECK: 39 getpid w

define internal void @w(i64 %n, i64 %m) noinline {
  %a = zext i64 %n to i128
  %b = sext i64 %m to i128
  %c = icmp slt i128 %a, %b
  br i1 %c, label %y, label %z
y:
  ret void
z:
  call i64 asm sideeffect "syscall", "={ax},{ax}"(i64 39)
  ret void
}
define void @_start() {
  call void @w(i64 -1, i64 5)
  ret void
}
