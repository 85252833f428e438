; Functions of a capsule are marked for the target when they are linked, what
; the front end turned off stays off, and equal input is not compiled twice.
; RUN: rm -rf %t && mkdir -p %t && llvm-as %s -o %t/a.bc
; RUN: printf '{"units":[{"name":"u","kind":"program","march":"x86-64-v3","image_base":"0x10000000","start":[],"end":[],"modules":[{"path":"%%s","sha256":"%%s","kind":"bitcode","lazy":0}]}]}' %t/a.bc 0 > %t/plan.json
; RUN: %link --cache %t/cache --jobs 2 --plan %t/plan.json --unit u --output %t/u.elf
; RUN: llvm-dis %t/cache/objects/*/*.bc -o - | FileCheck %s
; RUN: llvm-readobj -h %t/u.elf | FileCheck --check-prefix=ELF %s
; RUN: touch -d 2001-01-01 %t/cache/objects/*/*.bc
; RUN: rm -r %t/cache/links && %link --cache %t/cache --jobs 2 --plan %t/plan.json --unit u --output %t/u2.elf
; RUN: find %t/cache/objects -name '*.bc' -newermt 2002-01-01 | count 0
; RUN: cmp %t/u.elf %t/u2.elf
; CHECK: attributes {{.*}}"target-cpu"="x86-64-v3"{{.*}}"target-features"="-sse4a,+cx8"
; ELF: Type: Executable
target triple = "x86_64-unknown-linux-musl"
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
define void @_start() "target-cpu"="x86-64" "target-features"="-sse4a,+cx8" {
  call void @each(i64 5)
  ret void
}
define void @each(i64 %n) "target-cpu"="x86-64" "target-features"="-sse4a,+cx8" {
  call void asm sideeffect "", "r"(i64 %n)
  ret void
}
define i32 @bcmp(ptr, ptr, i64) { ret i32 0 }
define ptr @memchr(ptr, i32, i64) { ret ptr null }
define i32 @memcmp(ptr, ptr, i64) { ret i32 0 }
define ptr @mempcpy(ptr, ptr, i64) { ret ptr null }
define ptr @stpcpy(ptr, ptr) { ret ptr null }
define ptr @stpncpy(ptr, ptr, i64) { ret ptr null }
define ptr @strchr(ptr, i32) { ret ptr null }
define i32 @strcmp(ptr, ptr) { ret i32 0 }
define ptr @strcpy(ptr, ptr) { ret ptr null }
define i64 @strlen(ptr) { ret i64 0 }
define i32 @strncmp(ptr, ptr, i64) { ret i32 0 }
define ptr @strncpy(ptr, ptr, i64) { ret ptr null }
define i64 @strnlen(ptr, i64) { ret i64 0 }
define ptr @strrchr(ptr, i32) { ret ptr null }
