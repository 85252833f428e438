; A number in a structure on the stack that a function gets by a pointer, called through
; a pointer itself, as musl's __synccall does.
; RUN: %calls %s %t | FileCheck %s
; CHECK: 3 close callback
; CHECK-NEXT: 219 restart_syscall

define internal void @callback(ptr %context) noinline {
  %p = getelementptr i8, ptr %context, i64 12
  %n = load i32, ptr %p
  %wide = sext i32 %n to i64
  %r = call i64 asm sideeffect "syscall", "={ax},{ax}"(i64 %wide)
  store i64 %r, ptr %context
  ret void
}
define internal void @run(ptr %f, ptr %context) noinline {
  call void %f(ptr %context)
  ret void
}
define void @_start() {
  %context = alloca [16 x i8]
  %p = getelementptr i8, ptr %context, i64 8
  store <2 x i32> <i32 60, i32 3>, ptr %p
  call void @run(ptr @callback, ptr %context)
  ret void
}
