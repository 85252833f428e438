/* SPDX-License-Identifier: MIT */
#include "accelerator.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "lib/clock.h"
#include "lib/fs.h"
#include "lib/util.h"

enum { TRIAL_TIMEOUT_S = 1 };

static bool has_cpu_flag(const char *text, const char *flag)
{
	const char *flags = strstr(text, "\nflags");
	size_t length = strlen(flag);

	for (const char *at = flags; at && (at = strstr(at + 1, flag));)
		if (at[-1] == ' ' && (at[length] == ' ' || at[length] == '\n'))
			return true;
	return false;
}

/*
 * mov al, 42; out 0x10, al; hlt - in real mode, from address 0. True if the port
 * is written with that value: the guest ran and came back.
 */
static bool run_trial(int kvm)
{
	static const uint8_t code[] = { 0xb0, 42, 0xe6, 0x10, 0xf4 };
	struct kvm_userspace_memory_region region = { .memory_size = 4096 };
	struct kvm_sregs segments;
	struct kvm_regs registers = { .rip = 0, .rflags = 2 };
	int vm = ioctl(kvm, KVM_CREATE_VM, 0), vcpu;
	long bytes = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	struct kvm_run *run;
	void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (vm < 0 || bytes < 0 || memory == MAP_FAILED)
		return false;
	memcpy(memory, code, sizeof(code));
	region.userspace_addr = (uintptr_t)memory;
	if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region))
		return false;
	vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	if (vcpu < 0 || ioctl(vcpu, KVM_GET_SREGS, &segments))
		return false;
	run = mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (run == MAP_FAILED)
		return false;
	segments.cs.base = 0;
	segments.cs.selector = 0;
	if (ioctl(vcpu, KVM_SET_SREGS, &segments) || ioctl(vcpu, KVM_SET_REGS, &registers) ||
	    ioctl(vcpu, KVM_RUN, 0) || run->exit_reason != KVM_EXIT_IO)
		return false;
	return run->io.port == 0x10 && *((uint8_t *)run + run->io.data_offset) == 42;
}

/* In a child: a KVM_RUN that never returns must not take us along. */
static bool trial(int kvm)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return false;
	if (!pid) {
		signal(SIGALRM, SIG_DFL);
		alarm(TRIAL_TIMEOUT_S);
		_exit(run_trial(kvm) ? 0 : 1);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

static void say_why(struct accelerator *a, bool kvm, const char *reason)
{
	a->kvm = kvm;
	snprintf(a->reason, sizeof(a->reason), "%s", reason);
}

void accelerator_choose(struct accelerator *a)
{
	const char *wanted = getenv("ACCEL");
	char *cpuinfo = fs_read("/proc/cpuinfo", NULL);
	bool flags = cpuinfo && (has_cpu_flag(cpuinfo, "vmx") || has_cpu_flag(cpuinfo, "svm"));
	int kvm;

	free(cpuinfo);
	if (wanted && (!strcmp(wanted, "tcg") || !strcmp(wanted, "kvm"))) {
		say_why(a, !strcmp(wanted, "kvm"), "ACCEL asks for it");
		return;
	}
	kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm < 0)
		say_why(a, false,
			errno == ENOENT ? "there is no /dev/kvm"
					: "/dev/kvm cannot be opened by this user");
	else if (!flags)
		say_why(a, false,
			"/dev/kvm opens, but the processor shows neither vmx nor svm: "
			"an ordinary guest would hang");
	else if (!trial(kvm))
		say_why(a, false, "/dev/kvm opens, but a guest of three instructions does not run");
	else
		say_why(a, true, "a trial guest ran");
	if (kvm >= 0)
		close(kvm);
}

unsigned accelerator_tsc_khz(void)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	double from_s = clock_s();
	uint64_t from = __rdtsc();

	nanosleep(&pause, NULL);
	return (unsigned)((double)(__rdtsc() - from) / (clock_s() - from_s) / 1e6 + 0.5) * 1000;
}
