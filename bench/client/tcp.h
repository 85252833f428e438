/* SPDX-License-Identifier: MIT */
/*
 * tcp.h - answers in raw bytes (exchange.h), as the script describes them
 */
#ifndef CLIENT_TCP_H
#define CLIENT_TCP_H

#include "exchange.h"

struct tcp_answer {
	struct exchange_rule rule;
	struct exchange_answer exchange;
};

struct protocol;
extern const struct protocol tcp_protocol;

#endif
