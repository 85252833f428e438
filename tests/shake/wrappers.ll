; A number goes through two wrappers; each call of the outer one is a site of its own.
; RUN: %calls %s %t | FileCheck %s
; CHECK: 3 close inner {{.*}}: 7
; CHECK: 39 getpid inner {{.*}}
; CHECK: 219 restart_syscall

define internal i64 @inner(i64 %n, i64 %a) noinline {
  %r = call i64 asm sideeffect "syscall", "={ax},{ax},{di}"(i64 %n, i64 %a)
  ret i64 %r
}
define internal i64 @outer(i32 %n, i64 %a) noinline {
  %wide = sext i32 %n to i64
  %r = call i64 @inner(i64 %wide, i64 %a)
  ret i64 %r
}
define void @_start() {
  call i64 @outer(i32 3, i64 7)
  call i64 @outer(i32 39, i64 7)
  ret void
}
