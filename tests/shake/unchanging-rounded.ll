; A pointer to a member that is rounded down.
; RUN: %calls %s %t | FileCheck %s
; CHECK: 39 getpid _start

%o = type { i64, i64, i64, i64, i64 }
@rounded = internal global %o zeroinitializer
define internal void @round(ptr %p) noinline {
  %i = ptrtoint ptr %p to i64
  %j = and i64 %i, -32
  %q = inttoptr i64 %j to ptr
  store i64 1, ptr %q
  ret void
}
define void @_start() {
  call void @round(ptr getelementptr (%o, ptr @rounded, i32 0, i32 3))
  %v = load i64, ptr @rounded
  %is = icmp ne i64 %v, 0
  br i1 %is, label %a, label %b
a:
  call i64 asm sideeffect "syscall", "={ax},{ax}"(i64 39)
  store i64 2, ptr @rounded
  br label %b
b:
  ret void
}
