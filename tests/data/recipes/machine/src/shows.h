/* SPDX-License-Identifier: MIT */
/*
 * shows.h - the pages of main.c: each writes text of less than `room` bytes into `body`; `rest` is
 * what stands behind the page's name
 */
#ifndef MACHINE_SHOWS_H
#define MACHINE_SHOWS_H

#include <pthread.h>
#include <stddef.h>

void show_processors(char *body, size_t room, const char *rest);
void show_hostname(char *body, size_t room, const char *rest);
void show_resolver(char *body, size_t room, const char *rest);
void show_address(char *body, size_t room, const char *rest);
void show_time(char *body, size_t room, const char *rest);
void show_file(char *body, size_t room, const char *rest);
void append_file(char *body, size_t room, const char *rest);
void fill_disk(char *body, size_t room, const char *rest);
void empty_disk(char *body, size_t room, const char *rest);
void show_mounts(char *body, size_t room, const char *rest);
void show_random(char *body, size_t room, const char *rest);
void ask_host_by_ipv6(char *body, size_t room, const char *rest);
void ask_self_by_ipv6(char *body, size_t room, const char *rest);
void show_huge_pages(char *body, size_t room, const char *rest);
void leave(char *body, size_t room, const char *rest);

/* Ends the program if there can be none. */
pthread_t start_thread(void *(*function)(void *), void *argument);

/* On port 83 of ::1, for ask_self_by_ipv6(). */
void listen_for_ipv6(void);

#endif
