; What is not bitcode, cut off, or of another LLVM is refused by a sentence.
; RUN: mkdir -p %t
; RUN: llvm-as %s -o %t/good.bc
; RUN: echo '{"app": "x", "units": [{"name": "vmlinux", "kind": "kernel", "march": "x86-64", "modules": [], "lds": "x"}]}' > %t/plan.json
; RUN: touch %t/empty
; RUN: cp %s %t/text.bc
; RUN: not "$TOOLS/shake" --plan %t/plan.json --module %t/text.bc --syscalls "$INPUTS/syscalls.json" --files %t/empty --machine %t/empty --rules %t/empty --mode full --output %t/out --record %t/rec 2>&1 | FileCheck %s
; RUN: head -c 500 %t/good.bc > %t/cut.bc
; RUN: not "$TOOLS/shake" --plan %t/plan.json --module %t/cut.bc --syscalls "$INPUTS/syscalls.json" --files %t/empty --machine %t/empty --rules %t/empty --mode full --output %t/out --record %t/rec 2>&1 | FileCheck %s
; CHECK: error: '{{.*}}.bc' is not bitcode of LLVM 19
; A kernel without the switch of system calls is said to be one.
; RUN: not %shake %s %t 2>&1 | FileCheck --check-prefix=NONE %s
; NONE: error: the kernel has no x64_sys_call()
; RUN: test ! -e %t/out

define void @f() {
  ret void
}
