; A call of a function that chooses by its argument is a site only of what it gets to: by
; a branch, by "and", by a switch. An argument that is not known gets everywhere.
; RUN: %calls %s %t | FileCheck %s
; CHECK-NOT: 0 read
; CHECK: 3 close choose any
; CHECK-NEXT: 3 close choose stat
; CHECK-NEXT: 39 getpid choose any
; CHECK-NEXT: 41 socket choose any
; CHECK-NEXT: 60 exit never :

define internal void @choose(i32 %how, i32 %more, i64 %a) noinline {
  %is = icmp eq i32 %how, 1
  %also = icmp sgt i32 %more, -1
  %both = and i1 %also, %is
  br i1 %both, label %one, label %others
one:
  call i64 asm sideeffect "syscall", "={ax},{ax},{di}"(i64 39, i64 %a)
  ret void
others:
  switch i32 %how, label %default [
    i32 2, label %two
  ]
two:
  call i64 asm sideeffect "syscall", "={ax},{ax},{di}"(i64 41, i64 %a)
  ret void
default:
  call i64 asm sideeffect "syscall", "={ax},{ax},{di}"(i64 3, i64 %a)
  ret void
}
define internal void @never(i32 %how, i64 %a) noinline {
  %small = icmp ult i32 %how, 7
  br i1 %small, label %dead, label %live
dead:
  call i64 asm sideeffect "syscall", "={ax},{ax},{di}"(i64 0, i64 %a)
  ret void
live:
  call i64 asm sideeffect "syscall", "={ax},{ax},{di}"(i64 60, i64 %a)
  ret void
}
define void @stat(i32 %more) {
  call void @choose(i32 3, i32 %more, i64 5)
  ret void
}
define void @any(i32 %how, i32 %more) {
  call void @choose(i32 %how, i32 %more, i64 6)
  call void @never(i32 -1, i64 6)
  ret void
}
define void @_start() {
  call void @stat(i32 1)
  call void @any(i32 1, i32 2)
  ret void
}
