// A build system that knows what must stay native (kbuild) is followed: bitcode
// only where it says -flto.
// RUN: env BITCC_FOLLOW=1 %bitcc --target=x86_64-linux-gnu -c %s -o %t.o
// RUN: llvm-readobj -h %t.o | FileCheck --check-prefix=NATIVE %s
// RUN: env BITCC_FOLLOW=1 %bitcc --target=x86_64-linux-gnu -flto -c %s -o %t.bc
// RUN: llvm-dis %t.bc -o - | FileCheck --check-prefix=BITCODE %s
// RUN: env BITCC_FOLLOW=1 %bitcc --target=x86_64-linux-gnu -flto -fno-lto -c %s -o %t.2.o
// RUN: llvm-readobj -h %t.2.o | FileCheck --check-prefix=NATIVE %s
// NATIVE: Format: elf64-x86-64
// BITCODE: target triple = "x86_64-unknown-linux-gnu"
// BITCODE: "use-sample-profile"
int f(void)
{
	return 1;
}
