; A field that is only changed where it has changed already never does: what hangs on it
; is not reached. One that is changed, and one before a member from which a pointer can
; step back to it, are believed in.
; RUN: %calls %s %t | FileCheck %s
; CHECK-NOT: 0 read
; CHECK: 3 close _start
; CHECK: 39 getpid _start
; CHECK: 60 exit _start

%s = type { i8, i32, ptr }
@steady = internal global %s zeroinitializer
@changed = internal global %s zeroinitializer
@stepped = internal global %s zeroinitializer
@elsewhere = global ptr null

define void @_start() {
  store ptr getelementptr (%s, ptr @steady, i32 0, i32 2), ptr @elsewhere
  %steady = load volatile i8, ptr @steady
  %is = icmp ne i8 %steady, 0
  br i1 %is, label %a, label %b
a:
  store volatile i8 -1, ptr @steady
  call i64 asm sideeffect "syscall", "={ax},{ax}"(i64 0)
  br label %b
b:
  %number = load i32, ptr getelementptr (%s, ptr @changed, i32 0, i32 1)
  %is_changed = icmp ne i32 %number, 0
  br i1 %is_changed, label %c, label %d
c:
  call i64 asm sideeffect "syscall", "={ax},{ax}"(i64 3)
  br label %d
d:
  store i32 1, ptr getelementptr (%s, ptr @changed, i32 0, i32 1)
  store ptr getelementptr (%s, ptr @stepped, i32 0, i32 1), ptr @elsewhere
  %stepped = load i8, ptr @stepped
  %is_stepped = icmp ne i8 %stepped, 0
  br i1 %is_stepped, label %e, label %f
e:
  store i8 1, ptr @stepped
  call i64 asm sideeffect "syscall", "={ax},{ax}"(i64 39)
  br label %f
f:
  %member = load ptr, ptr @elsewhere
  %start = getelementptr i8, ptr %member, i64 -4
  store i8 1, ptr %start
  call i64 asm sideeffect "syscall", "={ax},{ax}"(i64 60)
  ret void
}
