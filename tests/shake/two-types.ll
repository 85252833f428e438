; One place is read as a float, which no int can be in, and as anything: the second answer
; is not that of the first.
; RUN: %calls %s %t | FileCheck %s
; CHECK: 3 close _start
; CHECK-NEXT: 60 exit _start

@m = internal global i32 60
define void @_start() {
  store i32 3, ptr @m, !tbaa !10
  %c = call i1 asm sideeffect "", "=r"()
  %a = load i32, ptr @m, !tbaa !20
  %b = load i32, ptr @m
  %n = select i1 %c, i32 %a, i32 %b
  call i64 asm sideeffect "syscall", "={ax},{ax}"(i32 %n)
  ret void
}
!1 = !{!"root"}
!2 = !{!"omnipotent char", !1, i64 0}
!3 = !{!"int", !2, i64 0}
!4 = !{!"float", !2, i64 0}
!10 = !{!3, !3, i64 0}
!20 = !{!4, !4, i64 0}
