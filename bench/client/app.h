/* SPDX-License-Identifier: MIT */
/*
 * app.h - the server, a child of the client's
 */
#ifndef CLIENT_APP_H
#define CLIENT_APP_H

#include "../script.h"

/* Start it with the script's arguments, and wait until it takes connections. */
void app_start(const struct script_header *script, char *const *environment);

/* Fatal, with a sentence that says how, if it has ended. */
void app_check(void);

/* Ask it to stop as init would, and wait until it has. */
void app_stop(const struct script_header *script);

#endif
