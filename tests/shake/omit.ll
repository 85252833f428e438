; A registration under a name goes if nothing in the image names it; one whose result is
; used for more than a check stays.
; RUN: echo 'omit register_file.0 unless path=/proc/%%: nothing names the file' > %t.rules
; RUN: echo 'cat /proc/meminfo' > %t.files
; RUN: touch %t.machine
; RUN: %shake %s %t %t.rules %t.machine %t.files | FileCheck %s
; CHECK: call ptr @register_file(ptr @meminfo
; CHECK-NOT: @vmstat
; CHECK: call ptr @register_file(ptr @used
; RUN: jq -r '.cuts[] | "\(.class) \(.name): \(.evidence)"' %t/shake.json | FileCheck --check-prefix=CUT %s
; CUT: registration register_file(vmstat): nothing names the file; none holds of: path=/proc/vmstat
@meminfo = constant [8 x i8] c"meminfo\00"
@vmstat = constant [7 x i8] c"vmstat\00"
@used = constant [5 x i8] c"used\00"
define ptr @register_file(ptr %name, ptr %operations) noinline {
  ret ptr %operations
}
define void @start_kernel() {
  %a = call ptr @register_file(ptr @meminfo, ptr @__x64_sys_read)
  %b = call ptr @register_file(ptr @vmstat, ptr @only_vmstat)
  %failed = icmp eq ptr %b, null
  %c = call ptr @register_file(ptr @used, ptr @__x64_sys_read)
  store i32 0, ptr %c
  %n = zext i1 %failed to i32
  %r = call i64 @x64_sys_call(ptr null, i32 %n)
  ret void
}
define void @only_vmstat() {
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
