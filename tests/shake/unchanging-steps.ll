; From a member to the structure around it, and from that to the one around that, in two
; functions; and by arithmetic on integers. What no step leads to does not change.
; RUN: %calls %s %t | FileCheck %s
; CHECK-NOT: 0 read
; CHECK: 3 close _start
; CHECK: 39 getpid _start

%middle = type { i64, i64 }
%outer = type { i64, i64, %middle, i64 }
%long = type { i64, [5 x i64], i64, i64 }
@nested = internal global %outer zeroinitializer
@integer = internal global %long zeroinitializer
@steady = internal global { i64, i64, ptr, i64 } zeroinitializer
@elsewhere = global ptr null

define internal void @from_middle(ptr %p) noinline {
  %q = getelementptr i8, ptr %p, i64 -16
  store i64 1, ptr %q
  ret void
}
define internal void @from_inner(ptr %p) noinline {
  %q = getelementptr i8, ptr %p, i64 -8
  call void @from_middle(ptr %q)
  ret void
}
define internal void @from_integer(ptr %p) noinline {
  %i = ptrtoint ptr %p to i64
  %j = add i64 %i, -56
  %q = inttoptr i64 %j to ptr
  store i64 1, ptr %q
  ret void
}
define void @_start() {
  call void @from_inner(ptr getelementptr (%outer, ptr @nested, i32 0, i32 2, i32 1))
  %nested = load i64, ptr @nested
  %is_nested = icmp ne i64 %nested, 0
  br i1 %is_nested, label %a, label %b
a:
  call i64 asm sideeffect "syscall", "={ax},{ax}"(i64 3)
  store i64 2, ptr @nested
  br label %b
b:
  call void @from_integer(ptr getelementptr (%long, ptr @integer, i32 0, i32 3))
  %integer = load i64, ptr @integer
  %is_integer = icmp ne i64 %integer, 0
  br i1 %is_integer, label %c, label %d
c:
  call i64 asm sideeffect "syscall", "={ax},{ax}"(i64 39)
  store i64 2, ptr @integer
  br label %d
d:
  store ptr getelementptr ({ i64, i64, ptr, i64 }, ptr @steady, i32 0, i32 3), ptr @elsewhere
  %steady = load i64, ptr @steady
  %is_steady = icmp ne i64 %steady, 0
  br i1 %is_steady, label %e, label %f
e:
  call i64 asm sideeffect "syscall", "={ax},{ax}"(i64 0)
  store i64 2, ptr @steady
  br label %f
f:
  ret void
}
