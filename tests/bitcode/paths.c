// The place of a build is in none of its results.
// RUN: rm -rf %t && mkdir -p %t/one/sub %t/two/sub && cp %s %t/one/sub/a.c && cp %s %t/two/sub/a.c
// RUN: cd %t/one && env BITCC_ROOT=%t/one BITCC_NAME=x-1 %bitcc -c %t/one/sub/a.c -o a.bc
// RUN: cd %t/two && env BITCC_ROOT=%t/two BITCC_NAME=x-1 %bitcc -c %t/two/sub/a.c -o a.bc
// RUN: cmp %t/one/a.bc %t/two/a.bc
// RUN: llvm-dis %t/one/a.bc -o - | FileCheck %s
// CHECK: source_filename = "sub/a.c"
// CHECK: DIFile(filename: "sub/a.c", directory: "/x-1"
const char *here(void)
{
	return __FILE__;
}
