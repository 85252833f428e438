/* SPDX-License-Identifier: MIT */
/*
 * promotion_write.h - the events that move the promoted mark (promotion.h)
 *
 * The caller holds the lock, and has read `p` under it. Each is one rename that decides, then states
 * and the link follow. All die with a sentence if a file cannot be written. `p` is out of date
 * afterwards.
 */
#ifndef PIPELINE_PROMOTION_WRITE_H
#define PIPELINE_PROMOTION_WRITE_H

#include "promotion.h"

/* Nobody else promotes or rolls back until the process ends. */
void xpromotion_lock(const char *out, const char *app);

/*
 * Generation `number` was at the gate. `event` has what was found (promote.h) and why; sequence, event
 * and previous are set here. Steals the reference.
 */
void xpromotion_promote(const struct promotions *p, const char *out, const char *app,
			unsigned number, json_t *event);
void xpromotion_refuse(const struct promotions *p, const char *out, const char *app,
		       unsigned number, json_t *event);

/* Back to generation `to` of the line. `why` may be NULL. */
void xpromotion_return(const struct promotions *p, const char *out, const char *app, unsigned to,
		       const char *why);

/* What a stopped change left: states, and the link. Nothing is written if all is right. */
void xpromotion_put_right(const char *out, const char *app);

#endif
