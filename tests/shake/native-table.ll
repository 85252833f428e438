; A table among assembly whose bytes look like the instruction is no call, if assembly says that it is
; a variable; what stands behind it is code, and so is a name that is both.
; RUN: %calls %s %t | FileCheck %s --implicit-check-not=table
; CHECK: 3 close both
; CHECK: 39 getpid call
; CHECK: 60 exit behind

module asm ".globl call, behind, both, table"
module asm ".type table,@object"
module asm "table: .byte 0x0f, 0x05, 0x90, 0x0f, 0x05"
module asm ".size table, 5"
module asm "call: movl $39, %eax; syscall; ret"
module asm ".type behind,@object"
module asm "behind: .byte 0x0f, 0x05"
module asm ".size behind, 2"
module asm "movl $60, %eax; syscall; ret"
module asm ".type both,@object"
module asm "both: same: movl $3, %eax; syscall; ret"
module asm ".size both, 8"

@table = external constant i8
@behind = external constant i8
declare i64 @call()
declare i64 @both()
define ptr @_start() {
  call i64 @call()
  call i64 @both()
  %there = icmp eq ptr @table, @behind
  %which = select i1 %there, ptr @table, ptr @behind
  ret ptr %which
}
