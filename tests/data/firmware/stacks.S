/* SPDX-License-Identifier: MIT */
/*
 * Firmware that calls: every processor, on a stack of its own, does so TURNS times in ways that are known
 * beforehand. The first one starts the others (INIT and start-up IPI, vector F0: they begin at
 * `start`, too), waits for them and ends QEMU (isa-debug-exit at port 0xf4).
 */
	.code16
	.globl start
start:
	xorw %ax, %ax
	movw %ax, %ds
	movw %ax, %ss
	movl $0x1b, %ecx		/* IA32_APIC_BASE: bit 8 is the first processor's */
	rdmsr
	testl $0x100, %eax
	jz number
	movl $0xfee00300, %ebx		/* the emulator checks no limits of segments */
	movl $0x000c4500, (%ebx)
	movl $0x000c46f0, (%ebx)
number:
	movw $0x100, %ax
	lock xaddw %ax, 0x504
	addw $0x7000, %ax
	movw %ax, %sp
	movl $TURNS, %esi
turn:
	call outer			/* 4 instructions a turn, and the last one more */
	movw $DEPTH, %bx
	call recursive
	call jumper
	decl %esi
	jnz turn
	call finish

finish:					/* does not return */
	lock incl 0x500
	movl $0x1b, %ecx
	rdmsr
	testl $0x100, %eax
	jz halt
wait:
	pause
	cmpl $PROCESSORS, 0x500
	jne wait
	movb $0, %al
	outb %al, $0xf4
halt:
	cli
	hlt
	jmp halt

outer:					/* 3 */
	call leaf
	call *%cs:table
	jmp tail
leaf:					/* 3 */
	nop
	nop
	ret
tail:					/* 2, for outer */
	call leaf
	ret
recursive:				/* DEPTH - 1 times 4, and once 3 */
	decw %bx
	jz recursive_end
	call recursive
recursive_end:
	ret
jumper:					/* 3, and 1 */
	movw %sp, %di
	movw $jumped, %dx
	call far_down
jumped:
	ret
far_down:				/* 1 */
	call farther_down
farther_down:				/* 2: longjmp */
	movw %di, %sp
	jmp *%dx
	.word 0
table:
	.word leaf

	.org 0xfff0
	ljmp $0xf000, $0
	.org 0x10000
