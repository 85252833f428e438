/* SPDX-License-Identifier: MIT */
/*
 * toolchain.h - the compiler Anneal is made for, in one place
 *
 * Bitcode of one LLVM release is not for another, and a profile's
 * discriminators are not either: all of it comes from the same release.
 */
#ifndef BITCODE_TOOLCHAIN_H
#define BITCODE_TOOLCHAIN_H

#define TOOLCHAIN_LLVM "19"
#define TOOLCHAIN_CLANG "clang-" TOOLCHAIN_LLVM
#define TOOLCHAIN_LLD "ld.lld-" TOOLCHAIN_LLVM
#define TOOLCHAIN_AR "llvm-ar-" TOOLCHAIN_LLVM
#define TOOLCHAIN_OBJCOPY "llvm-objcopy-" TOOLCHAIN_LLVM

#define TOOLCHAIN_PROGRAM_TARGET "--target=x86_64-linux-musl"

/*
 * "clang 19.1.7 (3~deb12u1)"; dies if it is not installed. Asked once a process, or
 * once a build: make image puts it into ANNEAL_CLANG_VERSION.
 */
char *toolchain_version(void);

#endif
