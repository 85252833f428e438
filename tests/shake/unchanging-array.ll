; A pointer to an element, or behind the last one, can go to every other element.
; RUN: %calls %s %t | FileCheck %s
; CHECK: 3 close _start
; CHECK: 39 getpid _start

%s = type { ptr, [4 x i32] }
@down = internal global [4 x i32] zeroinitializer
@any = internal global %s zeroinitializer

define internal void @set(ptr %p, i64 %i) noinline {
  %q = getelementptr i32, ptr %p, i64 %i
  store i32 1, ptr %q
  ret void
}
define void @_start() {
  br label %loop
loop:
  %p = phi ptr [ getelementptr ([4 x i32], ptr @down, i32 0, i32 4), %0 ], [ %q, %loop ]
  %q = getelementptr i8, ptr %p, i64 -4
  store i32 1, ptr %q
  %end = icmp eq ptr %q, @down
  br i1 %end, label %behind, label %loop
behind:
  %down = load i32, ptr @down
  %is_down = icmp ne i32 %down, 0
  br i1 %is_down, label %a, label %b
a:
  call i64 asm sideeffect "syscall", "={ax},{ax}"(i64 3)
  store i32 2, ptr @down
  br label %b
b:
  call void @set(ptr getelementptr (%s, ptr @any, i32 0, i32 1, i32 2), i64 -2)
  %any = load i32, ptr getelementptr (%s, ptr @any, i32 0, i32 1, i32 0)
  %is_any = icmp ne i32 %any, 0
  br i1 %is_any, label %c, label %d
c:
  call i64 asm sideeffect "syscall", "={ax},{ax}"(i64 39)
  store i32 2, ptr getelementptr (%s, ptr @any, i32 0, i32 1, i32 0)
  br label %d
d:
  ret void
}
