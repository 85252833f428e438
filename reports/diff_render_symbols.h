/* SPDX-License-Identifier: MIT */
/*
 * diff_render_symbols.h - symbols that changed, as scripts/bloat-o-meter of the kernel shows them
 */
#ifndef REPORTS_DIFF_RENDER_SYMBOLS_H
#define REPORTS_DIFF_RENDER_SYMBOLS_H

#include "diff_render.h"
#include "page.h"

void diff_render_symbols(struct page *p, const json_t *record, const struct diff_view *view);

#endif
