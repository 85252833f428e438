; What a function is passed in one call of the wrapper, and in any, as it keeps it in
; memory: the second answer is not that of the first.
; RUN: %calls %s %t | FileCheck %s
; CHECK: 3 close w _start
; CHECK: 39 getpid w _start

@m = internal global i64 0
define internal i64 @keep(i64 %p) noinline {
  store i64 %p, ptr @m
  ret i64 %p
}
define internal void @w(i64 %n, i1 %go) noinline {
  %x = call i64 @keep(i64 %n)
  br i1 %go, label %y, label %z
y:
  %c = call i1 asm sideeffect "", "=r"()
  %l = load i64, ptr @m
  %s = select i1 %c, i64 %x, i64 %l
  call i64 asm sideeffect "syscall", "={ax},{ax},{di}"(i64 %s, i64 %n)
  ret void
z:
  ret void
}
define void @_start() {
  call void @w(i64 3, i1 false)
  call void @w(i64 39, i1 true)
  ret void
}
