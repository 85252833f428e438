/* SPDX-License-Identifier: MIT */
/*
 * unit.h - the programs that an image is made of; the guest's collector numbers them so, too
 */
#ifndef COLLECTOR_UNIT_H
#define COLLECTOR_UNIT_H

enum unit { UNIT_KERNEL, UNIT_APP, UNIT_INIT, UNITS, UNIT_NONE = UNITS };

#endif
