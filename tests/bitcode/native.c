// A source that the recipe keeps native, and assembly, become ELF.
// RUN: cd %S && env "BITCC_NATIVE=other.c nat*.c" %bitcc -c native.c -o %t.o
// RUN: llvm-readobj -h %t.o | FileCheck %s
// RUN: echo '.globl g; g: ret' > %t.s && %bitcc -c %t.s -o %t.2.o
// RUN: llvm-readobj -h %t.2.o | FileCheck %s
// CHECK: Format: elf64-x86-64
int f(void)
{
	return 1;
}
