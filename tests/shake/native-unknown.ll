; Assembly that computes the number is not taken for what was in eax before.
; RUN: not %calls %s %t 2>&1 | FileCheck %s
; CHECK-DAG: system call in counted() cannot be computed: native code computes the number
; CHECK-DAG: system call in loaded() cannot be computed: native code computes the number
; CHECK-DAG: system call in joined() cannot be computed: native code computes the number
; CHECK-DAG: system call in target() cannot be computed: native code computes the number

module asm ".globl counted, loaded, joined, target"
module asm "counted: movl $39, %eax; incl %eax; syscall; ret"
module asm "loaded: movl $1, %eax; movl (%rdi,%rcx,8), %eax; syscall; ret"
module asm "joined: movl $60, %eax; je 1f; nop; 1: syscall; ret"
module asm "target: movl $1, %eax; testl %edi, %edi; je 1f; movl $39, %eax; 1: syscall; ret"

declare i64 @counted()
declare i64 @loaded()
declare i64 @joined()
declare i64 @target()
define void @_start() {
  call i64 @counted()
  call i64 @loaded()
  call i64 @joined()
  call i64 @target()
  ret void
}
