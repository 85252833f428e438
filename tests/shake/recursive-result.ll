; What a wrapper returns when it is entered again follows from the arguments of that call,
; not of the one that is looked at.
; RUN: %calls %s %t | FileCheck %s
; CHECK: 3 close pick

define internal i64 @pick(i64 %n, i64 %inner) noinline {
  %c = icmp eq i64 %inner, 1
  br i1 %c, label %give, label %make
give:
  ret i64 %n
make:
  %x = call i64 @pick(i64 3, i64 1)
  %r = call i64 asm sideeffect "syscall", "={ax},{ax},{di}"(i64 %x, i64 %n)
  ret i64 0
}
define void @_start() {
  call i64 @pick(i64 39, i64 0)
  ret void
}
