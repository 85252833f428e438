/* SPDX-License-Identifier: MIT */
/*
 * files.h - what the files of an image say, its programs left out
 */
#ifndef SHAKER_FILES_H
#define SHAKER_FILES_H

/*
 * The names and contents of all files in the archive but ELF programs, one after the
 * other, zero bytes replaced, which the caller frees. Of the manifest that Anneal puts
 * into an image only the name. Dies if it is no archive.
 */
char *xfiles_text(const char *archive);

#endif
