// Compiling gives raw bitcode: no pass has run, and what a later profile needs
// is there, whatever the build system's own flags say.
// RUN: %bitcc -O0 -g3 -fPIC -c %s -o %t.bc
// RUN: llvm-dis %t.bc -o - | FileCheck %s

// CHECK: source_filename = "{{.*}}raw.c"
// CHECK: target triple = "x86_64-unknown-linux-musl"
// CHECK: define dso_local i32 @twice({{.*}}) #[[ATTRIBUTES:[0-9]+]]
// CHECK: alloca
// CHECK-NOT: attributes #[[ATTRIBUTES]] = {{.*}}optnone
// CHECK-NOT: attributes #[[ATTRIBUTES]] = {{.*}}uwtable
// CHECK: attributes #[[ATTRIBUTES]] = {{.*}}"use-sample-profile"
// CHECK: emissionKind: LineTablesOnly
// CHECK-SAME: debugInfoForProfiling: true
// CHECK-NOT: PIC Level
int twice(int x)
{
	return 2 * x;
}
