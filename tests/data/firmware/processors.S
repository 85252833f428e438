/* SPDX-License-Identifier: MIT */
/*
 * Firmware that is a whole program: every processor counts to TURNS and copies some bytes; the
 * first one starts the others (INIT and start-up IPI, vector F0: they begin at `start`, too), waits for them
 * and ends QEMU (isa-debug-exit at port 0xf4). Exact counts are known beforehand.
 */
	.code16
	.globl start
start:
	xorw %ax, %ax
	movw %ax, %ds
	movw %ax, %es
	movl $0x1b, %ecx		/* IA32_APIC_BASE: bit 8 is the first processor's */
	rdmsr
	testl $0x100, %eax
	jz count
	movl $0xfee00300, %ebx		/* the emulator checks no limits of segments */
	movl $0x000c4500, (%ebx)
	movl $0x000c46f0, (%ebx)
count:
	movl $TURNS, %ecx
turn:
	decl %ecx
	jnz turn
	movw $0x1000, %si
	movw $0x2000, %di
	movw $BYTES, %cx
	cld
	rep movsb
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

	.org 0xfff0
	ljmp $0xf000, $0
	.org 0x10000
