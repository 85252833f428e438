/* SPDX-License-Identifier: MIT */
/*
 * report.h - what a tool tells the step that runs it (pipeline/step.c)
 *
 * The step names a file in ANNEAL_REPORT; without one nothing is written. A
 * tool says whether it found its work done already, and a few words for the
 * step's line on the screen.
 */
#ifndef PIPELINE_REPORT_H
#define PIPELINE_REPORT_H

void report_cached(void);
void report_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
