; emit makes a native object of each line's module.
; RUN: llvm-as %s -o %t.bc
; RUN: printf '%%s\t%%s\n' %t.bc %t.o > %t.list
; RUN: %emit -j 2 %t.list
; RUN: llvm-nm %t.o | FileCheck %s
; RUN: printf '%%s\t%%s\n' %t.list %t.o > %t.bad && not %emit %t.bad 2>&1 | FileCheck --check-prefix=BAD %s
; CHECK: T answer
; BAD: is not bitcode of LLVM 19
target triple = "x86_64-unknown-linux-musl"
define i32 @answer() {
  ret i32 42
}
