# Build the C tools. Run inside $(O)/tools, where "src" is a link to the project:
# every path here is relative, so that a space in either place does no harm.

CC = clang-19
LLVM_CONFIG = llvm-config-19
CFLAGS = -O2 -g
# DEVELOPER=1 makes a warning an error, SAN=1 adds the sanitizers.
WARNINGS = -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wvla \
	$(if $(DEVELOPER),-Werror)
SANITIZE = $(if $(SAN),-fsanitize=address$(comma)undefined -fno-omit-frame-pointer)
comma := ,
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -MMD -MP $(WARNINGS) $(SANITIZE) $(CFLAGS)

MAKEFLAGS += -rR --no-print-directory
.DELETE_ON_ERROR:
.SUFFIXES:

# Each program, and the objects it is made of besides the shared ones.
lib := $(patsubst src/%.c,%,$(sort $(wildcard src/pipeline/lib/*.c)))
program-bitcc := $(addprefix bitcode/,bitcc command settings proglink flags)
program-emit := bitcode/emit bitcode/module
program-capsule := $(addprefix bitcode/,capsule capsule_make build harvest source apt lockfile \
	spec manifest proglink flags toolchain)
program-plan := $(addprefix bitcode/,plan manifest march profile sample_text)
program-link := $(addprefix bitcode/,link plan_unit link_kernel link_program link_profile names profile \
	sample_text applied library_calls initcalls optimize march module toolchain)
recorded := recorded dominate rules facts cut assembly syscall_name
program-join := $(addprefix shaker/,join dispatch cut syscall_name) $(addprefix bitcode/,plan_unit \
	link_kernel link_profile names profile sample_text applied initcalls optimize march module results \
	toolchain)
program-syscalls := $(addprefix shaker/,syscalls calls native_calls values memory files passes unchanging syscall_name) \
	$(addprefix bitcode/,module results toolchain)
program-shake := $(addprefix shaker/,shake inputs assembly script native dispatch cut graph roots \
	mark sweep passes record facts rules parameters drivers \
	syscall_name) $(addprefix bitcode/,plan_unit module results \
	toolchain library_calls)
program-why := $(addprefix shaker/,why $(recorded)) bitcode/module bitcode/toolchain
program-size := $(addprefix shaker/,size $(recorded)) bitcode/module bitcode/toolchain
program-audit := shaker/audit
program-kconfig-check := kernel/kconfig-check
program-load := $(addprefix profiles/,load loadfile load_sequence load_answer load_client load_result)
program-step := pipeline/step
program-pack := $(addprefix pipeline/,pack guestfiles initramfs imagespec)
program-seal := $(addprefix pipeline/,seal segments) $(addprefix bitcode/,link_final plan_unit)
program-run := $(addprefix pipeline/,run launch guest probe accelerator imagespec)
program-generations := $(addprefix pipeline/,generations generation imagespec profile_info)
program-doctor := $(addprefix pipeline/,doctor accelerator)
program-recipe-check := pipeline/recipe-check
checker := check check_result code debuginfo instruction patched rawtext
program-check-profile := $(addprefix profiles/,check-profile $(checker))
program-profile-store := $(addprefix profiles/,profile-store store store_add store_merge store_compare store_choose \
	store_print intake profdata $(checker)) bitcode/sample_text pipeline/generation
program-peer := $(addprefix bench/,peer peer_make peer_script peer_regions peerfile survey kernel_elf needed) \
	$(addprefix bitcode/,source apt lockfile spec) \
	$(addprefix pipeline/,launch guest probe accelerator imagespec initramfs guestfiles)
program-record := $(addprefix profiles/,record recording tracer_arguments annotate elfmap symbolize \
	subject exclusions ranges blockfile control) $(addprefix pipeline/,launch guest probe accelerator imagespec) bench/peerfile
programs := $(patsubst program-%,%,$(filter program-%,$(.VARIABLES)))

# Libraries a program needs beyond those that the shared objects need.
include := $(shell $(LLVM_CONFIG) --includedir 2>/dev/null)
llvm := $(shell $(LLVM_CONFIG) --ldflags --libs 2>/dev/null)
libs := -ljansson -lcrypto
libs-emit := $(llvm)
libs-plan := $(llvm)
libs-link := $(llvm) -lelf
libs-join := $(llvm) -lelf -lseccomp
libs-syscalls := $(llvm) -lelf -larchive -lseccomp
libs-shake := $(llvm) -lelf -lseccomp
libs-why := $(llvm) -lelf -lseccomp
libs-size := $(llvm) -lelf -lseccomp
libs-seal := -lelf
libs-capsule := -larchive
libs-pack := -larchive
libs-run := -lcurl
libs-load := -lcurl
libs-check-profile := $(llvm) -lelf -ldw
libs-profile-store := $(llvm) -lelf -ldw
libs-record := -lcurl -lelf
libs-peer := -lcurl -lelf -larchive

# Plugins: shared objects, made of position-independent objects of their own.
plugin-tracer := $(addprefix profiles/,tracer tracer_options tracefiles tally block blockfile rawfile \
	branch cache ranges control)
libs-tracer := -ljansson -lcrypto -lpthread
plugins := $(patsubst plugin-%,%,$(filter plugin-%,$(.VARIABLES)))

.PHONY: all
all: $(programs) $(addsuffix .so,$(plugins))

objects := $(sort $(lib) $(foreach p,$(programs),$(program-$p)) $(foreach p,$(plugins),$(plugin-$p)))

$(addsuffix .o,$(objects)): %.o: src/%.c flags
	@mkdir -p $(@D)
	@$(if $(V:0=),echo '  CC  $*.c')
	@$(CC) $(ALL_CFLAGS) -Isrc -I$(include) -c -o $@ $<

define program-rule
$1: $(addsuffix .o,$(program-$1) $(lib))
	@$(if $(V:0=),echo '  LD  $1')
	@$(CC) $(SANITIZE) $(LDFLAGS) -o $$@.tmp $$^ $(libs-$1) $(libs) && mv $$@.tmp $$@
endef
$(foreach p,$(programs),$(eval $(call program-rule,$p)))

plugin-objects := $(sort $(lib) $(foreach p,$(plugins),$(plugin-$p)))
$(addsuffix .pic.o,$(plugin-objects)): %.pic.o: src/%.c flags
	@mkdir -p $(@D)
	@$(if $(V:0=),echo '  CC  $*.c')
	@$(CC) $(filter-out $(SANITIZE),$(ALL_CFLAGS)) -fPIC -fvisibility=hidden -Isrc -c -o $@ $<

# The host program has no sanitizer's run time, so a plugin is built without, SAN=1 or not.
define plugin-rule
$1.so: $(addsuffix .pic.o,$(plugin-$1) $(lib))
	@$(if $(V:0=),echo '  LD  $1.so')
	@$(CC) -shared -fPIC $(LDFLAGS) -o $$@.tmp $$^ $(libs-$1) && mv $$@.tmp $$@
endef
$(foreach p,$(plugins),$(eval $(call plugin-rule,$p)))
-include $(addsuffix .pic.d,$(plugin-objects))

# A changed command line rebuilds, as kbuild's if_changed does.
line := $(CC) $(ALL_CFLAGS) $(LDFLAGS)
.PHONY: force
flags: force
	@echo '$(line)' | cmp -s - $@ || echo '$(line)' > $@

-include $(addsuffix .d,$(objects))

#
# Unit tests: tests/unit/test_X.c with the objects it tests
#
test-strlist :=
test-fs :=
test-hash :=
test-command := bitcode/command
test-apt := bitcode/apt
test-lockfile := bitcode/lockfile
test-imagespec := pipeline/imagespec
test-probe := pipeline/probe
test-initcalls := bitcode/initcalls bitcode/module
test-names := bitcode/names bitcode/module bitcode/toolchain
test-segments := pipeline/segments
test-manifest := bitcode/manifest
test-assembly := shaker/assembly shaker/script
test-dominate := shaker/dominate
test-loadfile := profiles/loadfile
test-load-sequence := $(addprefix profiles/,load_sequence loadfile)
test-load-answer := $(addprefix profiles/,load_answer loadfile)
test-load-result := profiles/load_result
test-rawtext := profiles/rawtext
test-check := $(addprefix profiles/,$(checker))
test-branch := profiles/branch
test-cache := profiles/cache
test-block := profiles/block profiles/tally profiles/branch
test-control := profiles/control
test-rawfile := profiles/rawfile
test-tracer-options := profiles/tracer_options profiles/ranges profiles/cache
test-blockfile := profiles/blockfile
test-peerfile := bench/peerfile
test-survey := bench/survey $(addprefix pipeline/,launch guest probe accelerator imagespec)
test-peer-script := bench/peer_script
libs-test-branch := $(llvm)
libs-test-initcalls := $(llvm)
libs-test-names := $(llvm)
libs-test-segments := -lelf
libs-test-probe := -lcurl
libs-test-survey := -lcurl
libs-test-check := $(llvm) -lelf -ldw
unit-tests := $(patsubst src/tests/unit/%.c,%,$(sort $(wildcard src/tests/unit/test_*.c)))

.PHONY: unit
unit: $(unit-tests)

test-objects := $(addprefix tests/unit/,$(unit-tests))
$(addsuffix .o,$(test-objects)): %.o: src/%.c flags
	@mkdir -p $(@D)
	@$(CC) $(ALL_CFLAGS) -Isrc -I$(include) -c -o $@ $<

define unit-rule
$1: tests/unit/$1.o $(addsuffix .o,$($(subst _,-,$1)) $(lib))
	@$(CC) $(SANITIZE) $(LDFLAGS) -o $$@.tmp $$^ $(libs-$(subst _,-,$1)) $(libs) -lcmocka && mv $$@.tmp $$@
endef
$(foreach t,$(unit-tests),$(eval $(call unit-rule,$t)))
-include $(addsuffix .d,$(test-objects))
