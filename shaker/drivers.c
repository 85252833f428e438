/* SPDX-License-Identifier: MIT */
#include "drivers.h"

#include <fnmatch.h>
#include <llvm-c/Core.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../bitcode/module.h"
#include "../pipeline/lib/util.h"

/* Writes the pattern of modaliases that an entry of an id table matches; NULL: its end. */
typedef char *(*pattern_maker)(LLVMValueRef entry);

static uint64_t field(LLVMValueRef entry, unsigned index)
{
	LLVMValueRef value = LLVMGetAggregateElement(entry, index);

	return value && LLVMIsAConstantInt(value) ? LLVMConstIntGetZExtValue(value) : 0;
}

static char *hexadecimal_or_any(uint64_t id)
{
	return (uint32_t)id == UINT32_MAX ? xstrdup("*") : xasprintf("%08X", (unsigned)id);
}

/* struct virtio_device_id { device, vendor }: "virtio:d00000001v00001AF4" */
static char *virtio_pattern(LLVMValueRef entry)
{
	char *device = hexadecimal_or_any(field(entry, 0));
	char *vendor = hexadecimal_or_any(field(entry, 1)), *pattern = NULL;

	if (field(entry, 0))
		pattern = xasprintf("virtio:d%sv%s", device, vendor);
	free(device);
	free(vendor);
	return pattern;
}

/* struct pci_device_id { vendor, device, ... }: "pci:v00008086d000010D3sv..." */
static char *pci_pattern(LLVMValueRef entry)
{
	char *vendor = hexadecimal_or_any(field(entry, 0));
	char *device = hexadecimal_or_any(field(entry, 1)), *pattern = NULL;

	if (field(entry, 0) || field(entry, 4)) /* or by class */
		pattern = xasprintf("pci:v%sd%s*", field(entry, 0) ? vendor : "*",
				    field(entry, 0) ? device : "*");
	free(vendor);
	free(device);
	return pattern;
}

static const struct bus {
	const char *registration; /* its first argument is the driver */
	const char *id_type;	  /* of the elements of an id table; NULL: by name */
	pattern_maker pattern;
} buses[] = {
	{ "__register_virtio_driver", "struct.virtio_device_id", virtio_pattern },
	{ "register_virtio_driver", "struct.virtio_device_id", virtio_pattern },
	{ "__pci_register_driver", "struct.pci_device_id", pci_pattern },
	{ "__platform_driver_register", NULL, NULL },
};

static bool is_table_of(LLVMValueRef value, const char *type_name)
{
	LLVMTypeRef type = LLVMIsAGlobalVariable(value) ? LLVMGlobalGetValueType(value) : NULL;

	if (!type || LLVMGetTypeKind(type) != LLVMArrayTypeKind)
		return false;
	type = LLVMGetElementType(type);
	return LLVMGetTypeKind(type) == LLVMStructTypeKind && LLVMGetStructName(type) &&
	       !strcmp(LLVMGetStructName(type), type_name);
}

/* Patterns of one table. */
static void add_table(LLVMValueRef table, pattern_maker make, struct strlist *patterns)
{
	LLVMValueRef entries = LLVMGetInitializer(table), entry;

	for (unsigned i = 0; entries && (entry = LLVMGetAggregateElement(entries, i)); i++) {
		char *pattern = make(entry);

		if (!pattern)
			return;
		strlist_push(patterns, pattern);
		free(pattern);
	}
}

/* All that the driver's structure says of its ids, wherever in it. */
static void collect(LLVMValueRef constant, const struct bus *bus, struct strlist *patterns)
{
	if (bus->id_type && is_table_of(constant, bus->id_type)) {
		add_table(constant, bus->pattern, patterns);
		return;
	}
	if (!bus->id_type && module_string(constant)) {
		strlist_pushf(patterns, "platform:%s", module_string(constant));
		return;
	}
	if (!LLVMIsAConstantStruct(constant) && !LLVMIsAConstantArray(constant))
		return;
	for (int i = 0; i < LLVMGetNumOperands(constant); i++)
		collect(LLVMGetOperand(constant, (unsigned)i), bus, patterns);
}

static bool machine_has(const struct facts *f, const struct strlist *patterns)
{
	for (size_t p = 0; p < patterns->n; p++)
		for (size_t d = 0; d < f->devices.n; d++)
			if (!fnmatch(patterns->v[p], f->devices.v[d], 0))
				return true;
	return false;
}

static void consider(struct drivers *d, const struct facts *f, const struct bus *bus,
		     LLVMValueRef call, struct cuts *cuts)
{
	LLVMValueRef driver = LLVMGetOperand(call, 0);
	struct strlist patterns = STRLIST_INIT;
	size_t length;

	if (LLVMIsAGlobalVariable(driver) && LLVMGetInitializer(driver))
		collect(LLVMGetInitializer(driver), bus, &patterns);
	if (patterns.n && !machine_has(f, &patterns)) {
		char *ids = strlist_join(&patterns, ", ");
		char *evidence = xasprintf("no device of the machine matches %s", ids);

		cuts_mark(cuts,
			  cuts_add(cuts, "driver", LLVMGetValueName2(driver, &length), evidence),
			  call);
		d->calls = xrealloc(d->calls, (d->n + 1) * sizeof(*d->calls));
		d->calls[d->n++] = call;
		free(ids);
		free(evidence);
	}
	strlist_release(&patterns);
}

void drivers_cut(struct drivers *d, const struct facts *f, LLVMModuleRef module, struct cuts *cuts)
{
	for (size_t b = 0; b < ARRAY_SIZE(buses); b++) {
		LLVMValueRef function = LLVMGetNamedFunction(module, buses[b].registration);

		if (!function)
			continue;
		for (LLVMUseRef use = LLVMGetFirstUse(function); use; use = LLVMGetNextUse(use)) {
			LLVMValueRef call = LLVMGetUser(use);

			if (LLVMIsACallInst(call) && LLVMGetCalledValue(call) == function &&
			    LLVMGetNumArgOperands(call))
				consider(d, f, &buses[b], call, cuts);
		}
	}
}

void drivers_apply(struct drivers *d)
{
	for (size_t i = 0; i < d->n; i++) {
		LLVMReplaceAllUsesWith(d->calls[i], LLVMConstNull(LLVMTypeOf(d->calls[i])));
		LLVMInstructionEraseFromParent(d->calls[i]);
	}
}
