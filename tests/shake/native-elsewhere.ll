; Native code that other native code goes to, or that changes a register in a way that does
; not name it, or names a part of it only: nothing is known of eax.
; RUN: not %calls %s %t 2>&1 | FileCheck %s
; CHECK-NOT: in falls()
; CHECK: in inside() cannot be computed: native code computes the number
; CHECK: in called() cannot be computed: native code computes the number
; CHECK: in taken() cannot be computed: native code computes the number
; CHECK: in moved() cannot be computed: native code computes the number
; CHECK: in argument() cannot be computed: native code computes the number
; CHECK: in fallen_into() cannot be computed: native code computes the number
; CHECK: in high() cannot be computed: native code computes the number
; CHECK: in low() cannot be computed: native code computes the number
; CHECK: in added() cannot be computed: native code computes the number
; CHECK: in extended() cannot be computed: native code computes the number
; CHECK: in repeated() cannot be computed: native code computes the number
; CHECK: prog has 11 system calls

module asm "jumps: movl $39, %eax; jmp 1f"
module asm "inside: movl $3, %eax; 1: syscall; ret"
module asm "called: movl $39, %eax; call 1f; movl $3, %eax; 1: syscall; ret"
module asm "taken: leaq 1f(%rip), %rcx; movl $3, %eax; 1: syscall; ret"
module asm "moved: movl $39, %edi; movq %rdi, %rax; syscall; ret"
module asm "native: movl $39, %edi; jmp argument"
module asm "argument: movq %rdi, %rax; syscall; ret"
module asm "falls: movl $39, %edi; nop"
module asm "fallen_into: movq %rdi, %rax; syscall; ret"
module asm "high: movl $3, %eax; movb $1, %ah; syscall; ret"
module asm "low: movl $0x127, %eax; xorb %al, %al; syscall; ret"
module asm "added: movl $3, %eax; xaddl %eax, (%rdi); syscall; ret"
module asm "extended: movl $0xff, %eax; cbtw; syscall; ret"
module asm "repeated: movl $3, %eax; rep lodsb; syscall; ret"
module asm ".globl argument, moved, fallen_into"

declare i64 @argument(i64)
declare i64 @moved(i64)
declare i64 @fallen_into(i64)
define void @_start() {
  call i64 @argument(i64 3)
  call i64 @moved(i64 3)
  call i64 @fallen_into(i64 3)
  ret void
}
