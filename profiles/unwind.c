/* SPDX-License-Identifier: MIT */
#include "unwind.h"

#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "branch.h"
#include "pipeline/lib/util.h"

enum {
	PROGRAMS_MAX = 4,
	SEGMENTS_MAX = 16,   /* kernel, program, nested interrupts */
	STACK_BYTES = 16384, /* THREAD_SIZE and IRQ_STACK_SIZE of arch/x86 without KASAN */
	CODE_BYTES = 16,     /* compared, to know a program */
	VDSO_PAGES = 3,
	CALL_BYTES_MAX = 8,
	VDSO_STACK_WORDS = 32, /* looked at for the return address of a vDSO's function */
};

/* A file whose code runs in the guest. */
struct image {
	const char *name; /* NULL: the kernel */
	const struct elfmap *map;
	Dwfl *dwfl;
	Dwfl_Module *module;
	Elf *elf;
};

struct unwinder {
	struct image kernel, programs[PROGRAMS_MAX];
	size_t program_count;
	unwind_read *read;
	void *read_arg;
	uint64_t entry_start, entry_end; /* the kernel's entries, assembly */
	/* one walk */
	const struct guest_registers *initial;
	struct guest_registers at; /* of the frame looked at last */
	struct unwound *out;
	const struct image *image;
	bool ended_early; /* the walk, on purpose, at `at` */
};

/* Assembly that nothing called. */
static const char *const thread_starts[] = { "ret_from_fork_asm", "secondary_startup_64",
					     "secondary_startup_64_no_verify", "startup_64", NULL };
static const char *const program_starts[] = { "_start", "__clone", "clone", NULL };

/* struct pt_regs of arch/x86/include/asm/ptrace.h, and the DWARF number of each. */
enum { PT_REGS_WORDS = 21, PT_IP = 16, PT_CS = 17, PT_SP = 19, PT_SS = 20, PT_IRET_WORDS = 5 };
static const signed char pt_dwarf[PT_REGS_WORDS] = { 15, 14, 13, 12, 6,	 3,  11, 10, 9, 8, 0,
						     2,	 1,  4,	 5,  -1, 16, -1, -1, 7, -1 };
/* selectors of arch/x86/include/asm/segment.h */
enum { KERNEL_CS = 0x10, KERNEL_DS = 0x18, USER_DS = 0x2b, USER_CS = 0x33 };

static bool is_kernel_address(uint64_t address)
{
	return address >> 47 == 0x1ffff;
}

static bool is_user_address(uint64_t address)
{
	return address && address >> 47 == 0;
}

static bool read_words(struct unwinder *u, uint64_t address, uint64_t *words, size_t count)
{
	return !(address & 7) && !u->read(u->read_arg, address, words, count * sizeof(*words));
}

/*
 * The file's bytes at an address, NULL if it has none.
 */
static const void *file_bytes(const struct image *image, uint64_t address, size_t bytes)
{
	size_t count, size;
	const char *file = elf_rawfile(image->elf, &size);
	GElf_Phdr p;

	if (!file || elf_getphdrnum(image->elf, &count))
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (gelf_getphdr(image->elf, (int)i, &p) && p.p_type == PT_LOAD &&
		    address >= p.p_vaddr && address + bytes <= p.p_vaddr + p.p_filesz &&
		    p.p_offset + (address - p.p_vaddr) + bytes <= size)
			return file + p.p_offset + (address - p.p_vaddr);
	return NULL;
}

static bool has_cfi(const struct image *image, uint64_t address)
{
	Dwarf_Addr bias;
	Dwarf_CFI *cfi = dwfl_module_dwarf_cfi(image->module, &bias);
	Dwarf_Frame *frame;

	if (!cfi || dwarf_cfi_addrframe(cfi, address - bias, &frame))
		return false;
	free(frame);
	return true;
}

/* Does an instruction that calls end there? Asked of memory: the kernel changes its own calls. */
static bool is_behind_call(struct unwinder *u, uint64_t address)
{
	unsigned char code[CALL_BYTES_MAX];

	if (u->read(u->read_arg, address - CALL_BYTES_MAX, code, CALL_BYTES_MAX))
		return false;
	for (size_t bytes = 2; bytes <= CALL_BYTES_MAX; bytes++) {
		enum branch_kind kind =
			branch_read(code + CALL_BYTES_MAX - bytes, bytes, address - bytes).kind;

		if (kind == BRANCH_INDIRECT_CALL || (kind == BRANCH_CALL && bytes == 5))
			return true;
	}
	return false;
}

static bool is_code(const struct image *image, uint64_t address)
{
	return ranges_find(&image->map->code, address);
}

/* The program whose code is at a user's address: what memory has there says so. */
static const struct image *program_at(struct unwinder *u, uint64_t address)
{
	uint64_t start = address & ~(uint64_t)(CODE_BYTES - 1);
	char here[CODE_BYTES];

	for (size_t i = 0; i < u->program_count; i++) {
		const struct image *program = &u->programs[i];
		const void *there = file_bytes(program, start, CODE_BYTES);

		if (is_code(program, address) && there &&
		    !u->read(u->read_arg, start, here, CODE_BYTES) &&
		    !memcmp(here, there, CODE_BYTES))
			return program;
	}
	return NULL;
}

static bool add_frame(struct unwinder *u, uint64_t address, const struct elfmap *map)
{
	if (u->out->n == UNWIND_FRAMES_MAX)
		return false;
	u->out->v[u->out->n++] = (struct unwind_frame){ address, map };
	return true;
}

static pid_t next_thread(Dwfl *dwfl, void *arg, void **thread)
{
	(void)dwfl;
	if (*thread)
		return 0;
	*thread = arg;
	return 1;
}

static bool get_thread(Dwfl *dwfl, pid_t id, void *arg, void **thread)
{
	(void)dwfl, (void)id;
	*thread = arg;
	return true;
}

static bool memory_read(Dwfl *dwfl, Dwarf_Addr address, Dwarf_Word *result, void *arg)
{
	struct unwinder *u = arg;

	(void)dwfl;
	return !u->read(u->read_arg, address, result, sizeof(*result));
}

static bool set_initial_registers(Dwfl_Thread *thread, void *arg)
{
	struct unwinder *u = arg;

	return dwfl_thread_state_registers(thread, 0, REGISTER_COUNT, u->initial->v);
}

/* On top of the stack of interrupts: the stack that it was changed from. */
static bool is_other_stack(struct unwinder *u, uint64_t *other)
{
	uint64_t sp = u->at.v[REGISTER_RSP], apart;

	if (u->at.user || (sp & 0xfff) != 0xff8 || !read_words(u, sp, other, 1) ||
	    !is_kernel_address(*other) || *other & 7 || is_code(&u->kernel, *other))
		return false;
	apart = *other > sp ? *other - sp : sp - *other;
	return apart >= STACK_BYTES;
}

/* Takes a frame; the walk ends at one that libdwfl cannot leave. */
static int on_frame(Dwfl_Frame *frame, void *arg)
{
	struct unwinder *u = arg;
	bool activation;
	uint64_t address, other;
	Dwarf_Word value;

	if (!dwfl_frame_pc(frame, &address, &activation))
		return DWARF_CB_ABORT;
	address -= !activation;
	if (!is_code(u->image, address))
		return DWARF_CB_ABORT;
	for (unsigned i = 0; i < REGISTER_RIP; i++)
		u->at.v[i] = dwfl_frame_reg(frame, i, &value) ? 0 : value;
	u->at.v[REGISTER_RIP] = address;
	u->ended_early = !has_cfi(u->image, address) || is_other_stack(u, &other);
	if (!add_frame(u, address, u->image->map) || u->ended_early)
		return DWARF_CB_ABORT;
	return DWARF_CB_OK;
}

/* From `at` on, in one image. True if that was the end; else `ended_early` says whether to go on. */
static bool walk(struct unwinder *u, const struct image *image)
{
	struct guest_registers initial = u->at;

	u->image = image;
	u->initial = &initial;
	u->ended_early = false;
	return !dwfl_getthread_frames(image->dwfl, 1, on_frame, u) && !u->ended_early;
}

/* Registers of what was interrupted, if that is what these words are. */
static bool take_pt_regs(struct unwinder *u, const uint64_t words[PT_REGS_WORDS])
{
	bool user =
		words[PT_CS] == USER_CS && words[PT_SS] == USER_DS && is_user_address(words[PT_IP]);
	bool kernel = words[PT_CS] == KERNEL_CS && (!words[PT_SS] || words[PT_SS] == KERNEL_DS) &&
		      is_code(&u->kernel, words[PT_IP]) && is_kernel_address(words[PT_SP]);

	if (!user && !kernel)
		return false;
	for (size_t i = 0; i < PT_REGS_WORDS; i++)
		if (pt_dwarf[i] >= 0)
			u->at.v[pt_dwarf[i]] = words[i];
	u->at.user = user;
	return true;
}

/*
 * In the entries. Registers were saved at the stack pointer, or one word above it (in what an entry
 * calls). At their beginning and end the last five are there, as the processor leaves them, below
 * few words or on top of the stack, and the others still in the processor. Around syscall and sysret
 * even the stack is the program's, and rcx is where it goes on.
 */
static bool leave_entry(struct unwinder *u)
{
	uint64_t sp = u->at.v[REGISTER_RSP], words[PT_REGS_WORDS];
	uint64_t top = (sp | (STACK_BYTES - 1)) + 1, iret_bytes = PT_IRET_WORDS * 8;

	if (is_user_address(sp) && is_user_address(u->at.v[REGISTER_RCX])) {
		u->at.v[REGISTER_RIP] = u->at.v[REGISTER_RCX];
		u->at.user = true;
		return true;
	}
	for (uint64_t offset = 0; offset <= 8; offset += 8)
		if (read_words(u, sp + offset, words, PT_REGS_WORDS) && take_pt_regs(u, words))
			return true;
	for (size_t i = 0; i < PT_IP; i++)
		words[i] = pt_dwarf[i] >= 0 ? u->at.v[pt_dwarf[i]] : 0;
	for (uint64_t offset = 0; offset <= 24; offset += 8)
		if (read_words(u, sp + offset, words + PT_IP, PT_IRET_WORDS) &&
		    take_pt_regs(u, words))
			return true;
	return top - sp <= PT_REGS_WORDS * 8 &&
	       read_words(u, top - iret_bytes, words + PT_IP, PT_IRET_WORDS) &&
	       take_pt_regs(u, words);
}

static bool is_in(const struct elfmap *map, uint64_t address, const char *const names[])
{
	const struct elfmap_symbol *symbol = elfmap_find(map, address);

	for (size_t i = 0; symbol && names[i]; i++)
		if (!strcmp(symbol->name, names[i]))
			return true;
	return false;
}

/* A leaf written in assembly: its return address is on top of the stack. */
static bool leave_leaf(struct unwinder *u, const struct image *image)
{
	uint64_t sp = u->at.v[REGISTER_RSP], address;

	if (!read_words(u, sp, &address, 1) || !is_code(image, address - 1) ||
	    !is_behind_call(u, address))
		return false;
	u->at.v[REGISTER_RIP] = address - 1;
	u->at.v[REGISTER_RSP] = sp + 8;
	return true;
}

/* Leave code of the kernel that has no call frame information. False at an end. */
static bool leave_kernel_assembly(struct unwinder *u)
{
	uint64_t pc = u->at.v[REGISTER_RIP], other;

	if (is_in(u->kernel.map, pc, thread_starts)) {
		if (leave_entry(u) && u->at.user)
			return true;
		u->out->complete = true;
		return false;
	}
	if (pc >= u->entry_start && pc < u->entry_end)
		return leave_entry(u);
	if (is_other_stack(u, &other)) {
		u->at.v[REGISTER_RSP] = other;
		/* the frame is there already; it comes again from the right stack */
		u->out->n--;
		return true;
	}
	return leave_leaf(u, &u->kernel);
}

/* The vDSO is the kernel's ELF file somewhere in the program's memory; its functions are leaves. */
static bool leave_vdso(struct unwinder *u)
{
	uint64_t page = u->at.v[REGISTER_RIP] & ~(uint64_t)0xfff, sp = u->at.v[REGISTER_RSP];
	char magic[SELFMAG] = "";

	for (unsigned i = 0; i < VDSO_PAGES && memcmp(magic, ELFMAG, SELFMAG); i++)
		if (u->read(u->read_arg, page - i * 0x1000, magic, SELFMAG))
			return false;
	if (memcmp(magic, ELFMAG, SELFMAG) || !add_frame(u, u->at.v[REGISTER_RIP], NULL))
		return false;
	for (unsigned i = 0; i < VDSO_STACK_WORDS; i++) {
		const struct image *program;
		uint64_t address;

		if (!read_words(u, sp + 8 * i, &address, 1))
			return false;
		program = program_at(u, address);
		if (!program || !is_behind_call(u, address))
			continue;
		u->at.v[REGISTER_RIP] = address - 1;
		u->at.v[REGISTER_RSP] = sp + 8 * (i + 1);
		return true;
	}
	return false;
}

/* A stretch of the program's frames. True if there is more behind it. */
static bool unwind_program(struct unwinder *u)
{
	const struct image *program = program_at(u, u->at.v[REGISTER_RIP]);

	if (!program)
		return leave_vdso(u);
	u->out->program = program->name;
	if (walk(u, program)) {
		u->out->complete = true;
		return false;
	}
	if (!u->ended_early)
		return false;
	if (is_in(program->map, u->at.v[REGISTER_RIP], program_starts)) {
		u->out->complete = true;
		return false;
	}
	return leave_leaf(u, program);
}

static bool unwind_kernel(struct unwinder *u)
{
	bool ended = walk(u, &u->kernel);

	if (ended)
		u->out->complete = true;
	return !ended && u->ended_early && leave_kernel_assembly(u);
}

void unwind(struct unwinder *u, const struct guest_registers *registers, struct unwound *out)
{
	out->n = 0;
	out->program = NULL;
	out->complete = false;
	u->out = out;
	u->at = *registers;
	for (unsigned i = 0; i < SEGMENTS_MAX; i++)
		if (!(u->at.user ? unwind_program(u) : unwind_kernel(u)))
			return;
}

static const Dwfl_Thread_Callbacks thread_callbacks = {
	.next_thread = next_thread,
	.get_thread = get_thread,
	.memory_read = memory_read,
	.set_initial_registers = set_initial_registers,
};

/* A file's debug information is in itself; nothing is looked for elsewhere. */
static int no_debuginfo(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base,
			const char *file, const char *link, GElf_Word crc, char **found)
{
	(void)module, (void)data, (void)name, (void)base, (void)file, (void)link, (void)crc;
	(void)found;
	return -1;
}

static void open_image(struct unwinder *u, struct image *image, const char *name,
		       const struct elfmap *map)
{
	static const Dwfl_Callbacks callbacks = { .find_debuginfo = no_debuginfo };
	GElf_Addr bias;

	*image = (struct image){ .name = name, .map = map };
	image->dwfl = dwfl_begin(&callbacks);
	if (!image->dwfl)
		die("libdwfl: %s", dwfl_errmsg(-1));
	dwfl_report_begin(image->dwfl);
	image->module =
		dwfl_report_elf(image->dwfl, name ? name : "vmlinux", map->path, -1, 0, true);
	if (!image->module || dwfl_report_end(image->dwfl, NULL, NULL) ||
	    !dwfl_attach_state(image->dwfl, NULL, 1, &thread_callbacks, u))
		die("cannot use '%s' to unwind stacks: %s", map->path, dwfl_errmsg(-1));
	image->elf = dwfl_module_getelf(image->module, &bias);
	if (!image->elf || !dwfl_module_dwarf_cfi(image->module, &bias))
		die_hint("give the generation's own files: NAME.debug",
			 "'%s' has no call frame information (.debug_frame)", map->path);
}

static uint64_t symbol_address(const struct elfmap *map, const char *name, bool end)
{
	for (size_t i = 0; i < map->symbol_count; i++)
		if (!strcmp(map->symbols[i].name, name))
			return end ? map->symbols[i].end : map->symbols[i].start;
	return 0;
}

struct unwinder *xunwinder_new(const struct elfmap *kernel, unwind_read *read, void *arg)
{
	struct unwinder *u = xcalloc(1, sizeof(*u));

	u->read = read;
	u->read_arg = arg;
	open_image(u, &u->kernel, NULL, kernel);
	u->entry_start = symbol_address(kernel, "__entry_text_start", false);
	u->entry_end = symbol_address(kernel, "__entry_text_end", false);
	if (!u->entry_start)
		u->entry_start = symbol_address(kernel, "entry_SYSCALL_64", false);
	if (!u->entry_start || u->entry_end <= u->entry_start)
		die("'%s' does not name the kernel's entries (entry_SYSCALL_64)", kernel->path);
	return u;
}

void xunwinder_add_program(struct unwinder *u, const char *name, const struct elfmap *map)
{
	if (u->program_count == PROGRAMS_MAX)
		die("too many programs");
	open_image(u, &u->programs[u->program_count++], name, map);
}

enum unwinder_kernel unwinder_compare_kernel(struct unwinder *u)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(u->kernel.elf, section))) {
		const void *there;
		char here[GDBSTUB_READ_BYTES];

		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_NOTE ||
		    !(header.sh_flags & SHF_ALLOC) || header.sh_size > sizeof(here))
			continue;
		there = file_bytes(&u->kernel, header.sh_addr, header.sh_size);
		if (u->read(u->read_arg, header.sh_addr, here, header.sh_size))
			return UNWINDER_UNREADABLE;
		return there && !memcmp(here, there, header.sh_size) ? UNWINDER_SAME
								     : UNWINDER_OTHER;
	}
	die("'%s' has no note with a build id: a guest cannot be compared with it",
	    u->kernel.map->path);
}
