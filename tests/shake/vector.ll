; Elements of a vector are not added as if they were one number: none carries into the next.
; RUN: not %calls %s %t 2>&1 | FileCheck %s
; CHECK: in _start() cannot be computed: a value is computed in another shape

@from = internal global i32 98303
@to = internal global i32 0
define void @_start() {
  %v = load <2 x i16>, ptr @from
  %w = add <2 x i16> %v, %v
  store <2 x i16> %w, ptr @to
  %n = load i32, ptr @to
  call i64 asm sideeffect "syscall", "={ax},{ax}"(i32 %n)
  ret void
}
