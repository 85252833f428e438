; A variable that is an entry of a table stays while somebody walks the table, and only
; then; one that is kept by nothing but its export goes.
; RUN: %shake %s %t | FileCheck %s
; CHECK: @entry = internal {{.*}}section ".init.setup"
; CHECK-NOT: @addressable
; CHECK: define internal i32 @parse
; CHECK-NOT: @exported
; RUN: sed 's/load i32, ptr @__setup_start/load i32, ptr @other/' %s > %t.none.ll
; RUN: %shake %t.none.ll %t | FileCheck --check-prefix=NONE %s
; A rule drops it by name; a processor that may be of any vendor is of each.
; RUN: echo 'skip entry: by hand' > %t.rules
; RUN: %shake %s %t %t.rules | FileCheck --check-prefix=NONE %s
; RUN: echo 'skip entry unless cpu=intel: for another vendor' > %t.rules
; RUN: %shake %s %t %t.rules | FileCheck %s
; NONE-NOT: @entry
; NONE-NOT: @parse
@entry = internal global ptr @parse, section ".init.setup"
@addressable = internal global ptr @exported, section ".discard.addressable"
@other = global i32 0
@llvm.compiler.used = appending global [2 x ptr] [ptr @entry, ptr @addressable], section "llvm.metadata"
define i32 @parse() {
  ret i32 0
}
define void @exported() {
  ret void
}
define void @start_kernel() {
  %first = load i32, ptr @__setup_start
  %r = call i64 @x64_sys_call(ptr null, i32 %first)
  ret void
}

@anneal_dropped_names = weak constant [1 x i8] zeroinitializer
@__initcall6_start = external global i32
@__initcall_end = external global i32
@__setup_start = external global i32

define i64 @anneal_dropped_syscall(ptr %regs) {
  %c = load i8, ptr @anneal_dropped_names
  %w = zext i8 %c to i64
  ret i64 %w
}
define i64 @__x64_sys_read(ptr %regs) {
  ret i64 0
}
define i64 @__x64_sys_ptrace(ptr %regs) {
  call void @only_ptrace()
  ret i64 0
}
define internal void @only_ptrace() noinline {
  ret void
}
define i64 @x64_sys_call(ptr %regs, i32 %nr) {
  switch i32 %nr, label %none [
    i32 0, label %a
    i32 101, label %b
  ]
a:
  %ra = tail call i64 @__x64_sys_read(ptr %regs)
  ret i64 %ra
b:
  %rb = tail call i64 @__x64_sys_ptrace(ptr %regs)
  ret i64 %rb
none:
  ret i64 -38
}
