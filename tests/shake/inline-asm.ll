; A name inside inline assembly is a reference: what it names stays visible by its name.
; The linker script's names are, too; one inside a string is none.
; RUN: %shake %s %t | FileCheck %s
; CHECK-DAG: define void @named_in_assembly
; CHECK-DAG: define internal void @called
; CHECK-DAG: @named_by_the_script = global
; CHECK-DAG: @llvm.compiler.used = {{.*}}@named_in_assembly
; CHECK-NOT: @named_in_a_string
; CHECK-NOT: @mov
@named_by_the_script = global i32 0
define void @named_in_assembly() {
  call void @called()
  ret void
}
define void @called() noinline {
  ret void
}
define void @named_in_a_string() {
  ret void
}
define void @mov() {
  ret void
}
define void @start_kernel() {
  call void asm sideeffect "mov %rax, %rbx; call named_in_assembly", ""()
  %r = call i64 @x64_sys_call(ptr null, i32 0)
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
