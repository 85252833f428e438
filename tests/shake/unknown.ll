; A number that comes from nowhere is an error that names the function. So is one that
; is computed in a loop. A recipe can say what it is.
; RUN: not %calls %s %t 2>&1 | FileCheck --check-prefix=ERROR %s
; ERROR: warning: prog: the number of the system call in from_nowhere() cannot be computed
; ERROR: warning: prog: the number of the system call in counting() cannot be computed
; ERROR: error: prog has 2 system calls whose number is not known
; ERROR: hint: {{.*}}SYSCALLS_AT_
; RUN: printf 'prog SYSCALLS_AT from_nowhere read\n* SYSCALLS_AT counting 3 39\n' > %t.allow
; RUN: %calls %s %t %t.allow | FileCheck %s
; CHECK: 0 read from_nowhere
; CHECK: 3 close counting
; CHECK: 39 getpid counting
; RUN: printf 'prog SYSCALLS_AT from_nowhere no_such_call\n* SYSCALLS_AT counting 3\n' > %t.wrong
; RUN: not %calls %s %t %t.wrong 2>&1 | FileCheck --check-prefix=WRONG %s
; WRONG: SYSCALLS_AT_from_nowhere names 'no_such_call', which is no system call

define void @from_nowhere() {
  %n = call i64 asm sideeffect "", "=r"()
  %r = call i64 asm sideeffect "syscall", "={ax},{ax}"(i64 %n)
  ret void
}
define void @counting() {
entry:
  br label %loop
loop:
  %n = phi i64 [ 0, %entry ], [ %next, %loop ]
  %next = add i64 %n, 1
  %r = call i64 asm sideeffect "syscall", "={ax},{ax}"(i64 %n)
  %more = icmp ult i64 %r, 10
  br i1 %more, label %loop, label %end
end:
  ret void
}
define void @_start() {
  call void @from_nowhere()
  call void @counting()
  ret void
}
