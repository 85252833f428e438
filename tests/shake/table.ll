; A number from a constant table, one field of a structure at a variable index: the
; other field's values (3, 60) are not numbers of calls.
; RUN: %calls %s %t | FileCheck %s
; CHECK: 0 read _start
; CHECK-NEXT: 1 write _start
; CHECK-NEXT: 219 restart_syscall

%entry = type { i32, i32 }
@table = internal constant [2 x %entry] [%entry { i32 3, i32 0 }, %entry { i32 60, i32 1 }]

define void @_start() {
  %i = call i64 asm sideeffect "", "=r"()
  %p = getelementptr [2 x %entry], ptr @table, i64 0, i64 %i, i32 1
  %n = load i32, ptr %p
  %wide = zext i32 %n to i64
  %r = call i64 asm sideeffect "syscall", "={ax},{ax}"(i64 %wide)
  ret void
}
