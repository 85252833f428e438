/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../profiles/gdbstub.h"
#include "../../profiles/guestmemory.h"

/* What the fake stub does wrong. */
enum fault {
	NONE,
	BAD_CHECKSUM,
	SILENT,
	CLOSES,
	NO_STUB,
	SHORT_REGISTERS,
	NOT_HEX,
	LATE_STOP, /* tells twice that it stopped */
	ENDS,	   /* the guest */
	ENDLESS,
};

/* The fake runs in a process of its own; what it saw is in memory that both have. */
static struct {
	bool running;
	unsigned stops, detached, reads;
} *seen;

static char *path;
static pid_t fake;

static void answer(int fd, const char *text, bool wrong)
{
	unsigned sum = wrong;
	char *packet;

	for (const char *c = text; *c; c++)
		sum += (unsigned char)*c;
	packet = xasprintf("$%s#%02x", text, sum & 0xff);
	send(fd, packet, strlen(packet), MSG_NOSIGNAL);
	free(packet);
}

/* Byte b of register r of QEMU's order is 16 * r + b; cs is 0x33. */
static char *registers(void)
{
	char *text = xmalloc(2 * (17 * 8 + 8) + 1);
	size_t used = 0;

	for (unsigned r = 0; r < 17; r++)
		for (unsigned b = 0; b < 8; b++)
			used += (size_t)sprintf(text + used, "%02X", (16 * r + b) & 0xff);
	sprintf(text + used, "0*\"0033000000");
	return text;
}

static void answer_packet(int fd, const char *request, enum fault fault)
{
	if (request[0] == '?') {
		if (fault == ENDLESS)
			for (;;)
				if (send(fd, "$aaaaaaaaaaaaaaaa", 16, MSG_NOSIGNAL) < 0)
					_exit(0);
		answer(fd, fault == NO_STUB ? "HTTP" : "T05thread:01;", fault == BAD_CHECKSUM);
		if (fault == LATE_STOP)
			answer(fd, "T02thread:01;", false);
	} else if (!strcmp(request, "qfThreadInfo")) {
		answer(fd, "m1,p1.2", false);
	} else if (!strcmp(request, "qsThreadInfo")) {
		answer(fd, "l", false);
	} else if (!strncmp(request, "Hg", 2)) {
		answer(fd, strcmp(request, "Hgp1.2") ? "E22" : "OK", false);
	} else if (!strcmp(request, "g")) {
		answer(fd, fault == SHORT_REGISTERS ? "00112233" : registers(), false);
	} else if (!strncmp(request, "m1000,", 6)) {
		char *text = xmalloc(2 * GDBSTUB_READ_BYTES + 1);

		seen->reads++;
		for (unsigned i = 0; i < GDBSTUB_READ_BYTES; i++)
			sprintf(text + 2 * i, "%02x", i & 0xff);
		answer(fd, fault == NOT_HEX ? "xyzz" : text, false);
	} else if (request[0] == 'm') {
		seen->reads++;
		answer(fd, "E14", false);
	} else if (request[0] == 'c') {
		seen->running = true;
	} else if (request[0] == 'D') {
		seen->detached++;
		seen->running = true;
		answer(fd, "OK", false);
	}
}

/* As QEMU's: any byte stops a guest that runs, and is lost. */
static void serve(int fd, enum fault fault)
{
	char request[256], c;
	size_t used = 0;
	int behind = -1; /* characters since '#' */

	while (recv(fd, &c, 1, 0) == 1) {
		if (fault == CLOSES)
			return;
		if (fault == SILENT)
			continue;
		if (seen->running) {
			seen->running = false;
			seen->stops++;
			answer(fd, fault == ENDS ? "W00" : "T02thread:01;", false);
		} else if (c == '$') {
			used = 0;
			behind = 0;
		} else if (behind >= 0 && c == '#') {
			behind = 1;
		} else if (behind == 2) {
			request[used] = '\0';
			behind = -1;
			send(fd, "+", 1, MSG_NOSIGNAL);
			answer_packet(fd, request, fault);
		} else if (behind == 1) {
			behind = 2;
		} else if (!behind && used < sizeof(request) - 1) {
			request[used++] = c;
		}
	}
}

static char *start(enum fault fault)
{
	char *directory = unit_scratch();
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (!seen)
		seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			    -1, 0);
	memset(seen, 0, sizeof(*seen));
	path = xasprintf("%s/gdb", directory);
	strcpy(address.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	fake = fork();
	if (!fake) {
		serve(accept(fd, NULL, NULL), fault);
		_exit(0);
	}
	close(fd);
	return xasprintf("unix:%s", path);
}

static void stop(void)
{
	kill(fake, SIGKILL);
	waitpid(fake, NULL, 0);
	unlink(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
}

static void conversation(void **state)
{
	struct gdbstub g;
	struct guest_registers r;
	unsigned char bytes[4];

	(void)state;
	for (enum fault fault = NONE; fault <= LATE_STOP; fault += LATE_STOP) {
		assert_int_equal(gdbstub_open(&g, start(fault), 2000), 0);
		assert_int_equal(g.cpu_count, 2);
		assert_string_equal(g.cpus[1], "p1.2");
		for (unsigned i = 1; i < 4; i++) {
			assert_int_equal(gdbstub_continue(&g), 0);
			assert_int_equal(gdbstub_stop(&g), 0);
			assert_int_equal(seen->stops, i);
			assert_int_equal(gdbstub_registers(&g, &r), 0);
		}
		/* rbx is QEMU's second and DWARF's fourth */
		assert_true(r.v[3] == 0x1716151413121110);
		assert_true(r.v[REGISTER_RSP] == 0x7776757473727170);
		assert_true(r.v[REGISTER_RIP] == 0x0706050403020100);
		assert_true(r.user);
		assert_int_equal(gdbstub_read(&g, 0x1000, bytes, 4), 0);
		assert_memory_equal(bytes, "\0\1\2\3", 4);
		assert_int_equal(gdbstub_read(&g, 0x2000, bytes, 4), 1);
		assert_null(g.error);
		assert_int_equal(gdbstub_choose_cpu(&g, 1), 0);
		assert_int_equal(gdbstub_choose_cpu(&g, 0), -1);
		assert_non_null(strstr(g.error, "lost a processor"));
		gdbstub_close(&g);
		assert_true(seen->running);
		assert_int_equal(seen->detached, 1);
		stop();
	}
}

static void expect_open_error(const char *where, const char *sentence)
{
	struct gdbstub g;

	assert_int_equal(gdbstub_open(&g, where, 300), -1);
	assert_non_null(g.error);
	if (!strstr(g.error, sentence))
		fail_msg("'%s' is not in '%s'", sentence, g.error);
	assert_int_equal(g.fd, -1);
}

static void bad_stubs(void **state)
{
	static const struct {
		enum fault fault;
		const char *sentence;
	} cases[] = {
		{ BAD_CHECKSUM, "wrong checksum" },
		{ SILENT, "did not answer within 300 ms" },
		{ CLOSES, "has closed the connection" },
		{ NO_STUB, "is no gdb stub" },
		{ ENDLESS, "longer than any should be" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		expect_open_error(start(cases[i].fault), cases[i].sentence);
		stop();
	}
	expect_open_error("unix:/none/such", "cannot connect");
	expect_open_error("nowhere", "give HOST:PORT or unix:PATH");
	expect_open_error("127.0.0.1:none", "give HOST:PORT or unix:PATH");
	expect_open_error("[::1]:1", "cannot connect");
	expect_open_error("127.0.0.1:1", "cannot connect");
	expect_open_error(xasprintf("unix:/tmp/%0200d", 1), "too long");
}

static void bad_answers(void **state)
{
	struct guest_registers r;
	struct gdbstub g;
	char bytes[4];

	(void)state;
	assert_int_equal(gdbstub_open(&g, start(SHORT_REGISTERS), 300), 0);
	assert_int_equal(gdbstub_registers(&g, &r), -1);
	assert_non_null(strstr(g.error, "no registers"));
	gdbstub_close(&g);
	assert_true(seen->running);
	stop();
	assert_int_equal(gdbstub_open(&g, start(NOT_HEX), 300), 0);
	assert_int_equal(gdbstub_read(&g, 0x1000, bytes, 4), -1);
	gdbstub_close(&g);
	stop();
	assert_int_equal(gdbstub_open(&g, start(ENDS), 300), 0);
	gdbstub_continue(&g);
	assert_int_equal(gdbstub_stop(&g), -1);
	assert_string_equal(g.error, "the guest has ended");
	gdbstub_close(&g);
	stop();
}

/* Whoever is killed leaves a guest that runs. */
static void killed(void **state)
{
	(void)state;
	for (int running = 0; running < 2; running++) {
		char *where = start(NONE);
		pid_t child = fork();

		if (!child) {
			struct gdbstub g;

			if (gdbstub_open(&g, where, 1000) || (running && gdbstub_continue(&g)))
				_exit(1);
			raise(SIGKILL);
		}
		waitpid(child, NULL, 0);
		for (unsigned i = 0; i < 200 && !seen->detached; i++)
			usleep(10000);
		assert_int_equal(seen->detached, 1);
		assert_true(seen->running);
		stop();
	}
}

static void memory(void **state)
{
	static struct guestmemory m;
	struct gdbstub g;
	unsigned char bytes[8];

	(void)state;
	m.stub = &g;
	assert_int_equal(gdbstub_open(&g, start(NONE), 1000), 0);
	assert_int_equal(guestmemory_read(&m, 0x1002, bytes, 3), 0);
	assert_memory_equal(bytes, "\2\3\4", 3);
	assert_int_equal(guestmemory_read(&m, 0x1000, bytes, 8), 0);
	assert_int_equal(seen->reads, 1);
	/* the second half is not there, and that is asked once */
	assert_int_equal(guestmemory_read(&m, 0x13fc, bytes, 8), -1);
	assert_int_equal(guestmemory_read(&m, 0x1400, bytes, 1), -1);
	assert_int_equal(seen->reads, 2);
	guestmemory_forget(&m);
	assert_int_equal(guestmemory_read(&m, 0x1000, bytes, 8), 0);
	assert_int_equal(seen->reads, 3);
	gdbstub_close(&g);
	assert_int_equal(guestmemory_read(&m, 0x1000, bytes, 8), 0);
	stop();
}

UNIT_MAIN(cmocka_unit_test(conversation), cmocka_unit_test(bad_stubs),
	  cmocka_unit_test(bad_answers), cmocka_unit_test(killed), cmocka_unit_test(memory))
