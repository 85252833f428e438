/* SPDX-License-Identifier: MIT */
/*
 * A second opinion on the tracer's sum: one inline counter before each instruction, for one
 * virtual processor. An instruction that faults counts each time it is tried.
 *
 *   -plugin counter.so,out=FILE
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "profiles/qemu_plugin.h"

void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn,
						enum qemu_plugin_op op, void *counter,
						uint64_t immediate);

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

static uint64_t executed;
static char path[4096];

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	(void)id;
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++)
		qemu_plugin_register_vcpu_insn_exec_inline(
			qemu_plugin_tb_get_insn(tb, i), QEMU_PLUGIN_INLINE_ADD_U64, &executed, 1);
}

static void on_exit_of_qemu(qemu_plugin_id_t id, void *unused)
{
	FILE *f = fopen(path, "w");

	(void)id, (void)unused;
	if (f) {
		fprintf(f, "%" PRIu64 "\n", executed);
		fclose(f);
	}
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4))
		return 1;
	snprintf(path, sizeof(path), "%s", argv[0] + 4);
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
	qemu_plugin_register_atexit_cb(id, on_exit_of_qemu, NULL);
	return 0;
}
