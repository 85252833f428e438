; Assembly functions: a constant number, one built in two steps, and one that is an
; argument of the function.
; RUN: %calls %s %t | FileCheck %s
; CHECK: 3 close by_argument
; CHECK: 39 getpid constant
; CHECK: 60 exit two_steps

module asm ".globl constant, two_steps, by_argument"
module asm "constant: movl $39, %eax; syscall; ret"
module asm "two_steps: xorl %eax, %eax; movb $60, %al; syscall; ret"
module asm "by_argument: movq %rsi, %rax; movq %rdi, %rsi; syscall; ret"

declare i64 @constant()
declare i64 @two_steps()
declare i64 @by_argument(i64, i64)
define void @_start() {
  call i64 @constant()
  call i64 @two_steps()
  call i64 @by_argument(i64 1, i64 3)
  ret void
}
