; What a program does when the kernel lacks a call is not done on a kernel that has it:
; prlimit64 is there, so its fallback getrlimit goes; epoll_pwait (281) is not.
; RUN: %calls %s %t | FileCheck %s
; CHECK-NOT: getrlimit
; CHECK: 1 write _start
; CHECK: 302 prlimit64 _start

define void @_start() {
  %r = call i64 asm sideeffect "syscall", "={ax},{ax}"(i64 302)
  %low = and i64 %r, 4294967295
  %missing = icmp eq i64 %low, 4294967258
  br i1 %missing, label %old, label %next
old:
  %o = call i64 asm sideeffect "syscall", "={ax},{ax}"(i64 97)
  br label %next
next:
  %e = call i64 asm sideeffect "syscall", "={ax},{ax}"(i64 281)
  %absent = icmp eq i64 %e, -38
  br i1 %absent, label %fallback, label %end
fallback:
  %w = call i64 asm sideeffect "syscall", "={ax},{ax}"(i64 1)
  br label %end
end:
  ret void
}
