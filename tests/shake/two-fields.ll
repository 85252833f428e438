; Two fields of one object, both read through the same pointer in memory: neither answer
; may be lost because the pointer was followed before.
; RUN: %calls %s %t | FileCheck %s
; CHECK: 39 getpid _start
; CHECK: 60 exit _start

@object = internal global { i64, i64 } { i64 39, i64 60 }
@pointer = internal global ptr null

define void @_start() {
  store ptr @object, ptr @pointer
  %c = call i1 asm sideeffect "", "=r"()
  %p = load ptr, ptr @pointer
  %x = load i64, ptr %p
  %q = getelementptr i8, ptr %p, i64 8
  %y = load i64, ptr %q
  %n = select i1 %c, i64 %x, i64 %y
  %r = call i64 asm sideeffect "syscall", "={ax},{ax}"(i64 %n)
  ret void
}
