; A number that a branch or a select chooses.
; RUN: %calls %s %t | FileCheck %s
; CHECK: 0 read _start
; CHECK: 1 write _start
; CHECK: 39 getpid _start
; CHECK-NOT: close

define void @_start() {
entry:
  %c = call i1 asm sideeffect "", "=r"()
  br i1 %c, label %a, label %b
a:
  %s = select i1 %c, i64 1, i64 39
  br label %join
b:
  br label %join
join:
  %n = phi i64 [ %s, %a ], [ 0, %b ]
  %r = call i64 asm sideeffect "syscall", "={ax},0"(i64 %n)
  ret void
}
