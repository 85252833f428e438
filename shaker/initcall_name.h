/* SPDX-License-Identifier: MIT */
/*
 * initcall_name.h - which function an initcall calls
 */
#ifndef SHAKER_INITCALL_NAME_H
#define SHAKER_INITCALL_NAME_H

/*
 * "virtio_net_driver_init" for the symbol "__initcall__kmod_MODULE__COUNTER_LINE_FUNCTIONLEVEL" in
 * section ".initcallLEVEL.init..." (include/linux/init.h); NULL for others. The caller frees.
 */
char *initcall_name(const char *section, const char *symbol);

#endif
