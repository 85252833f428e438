; A driver whose ids match no device of the machine is not registered; another one is.
; RUN: echo 'device virtio:d00000001v554D4551' > %t.machine
; RUN: touch %t.rules
; RUN: %shake %s %t %t.rules %t.machine | FileCheck %s
; CHECK: call i32 @register_virtio_driver(ptr @net_driver
; CHECK-NOT: @disk_driver
; CHECK-NOT: @disk_probe
; RUN: jq -r '.cuts[] | "\(.class) \(.name): \(.evidence)"' %t/shake.json | FileCheck --check-prefix=CUT %s
; CUT: driver disk_driver: no device of the machine matches virtio:d00000002v*
%struct.virtio_device_id = type { i32, i32 }
@net_ids = internal constant [2 x %struct.virtio_device_id] [%struct.virtio_device_id { i32 1, i32 -1 }, %struct.virtio_device_id zeroinitializer]
@disk_ids = internal constant [2 x %struct.virtio_device_id] [%struct.virtio_device_id { i32 2, i32 -1 }, %struct.virtio_device_id zeroinitializer]
@net_driver = internal global { ptr, ptr } { ptr @net_probe, ptr @net_ids }
@disk_driver = internal global { ptr, ptr } { ptr @disk_probe, ptr @disk_ids }
define void @net_probe() {
  ret void
}
define void @disk_probe() {
  ret void
}
define i32 @register_virtio_driver(ptr %driver) noinline {
  ret i32 0
}
define void @start_kernel() {
  %a = call i32 @register_virtio_driver(ptr @net_driver)
  %b = call i32 @register_virtio_driver(ptr @disk_driver)
  %s = add i32 %a, %b
  %r = call i64 @x64_sys_call(ptr null, i32 %s)
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
