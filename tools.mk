# Build the C tools. Run inside $(O)/tools, where "src" is a link to the project:
# every path here is relative, so that a space in either place does no harm.

CC = clang-19
LLVM_CONFIG = llvm-config-19
CFLAGS = -O2 -g
# A sixth of the time of the default linker, for some 130 programs.
LDFLAGS = -fuse-ld=lld
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
program-capsule := $(addprefix bitcode/,capsule capsule_make build harvest foreign source apt lockfile \
	spec manifest proglink flags toolchain)
# reading a profile, and making it fit the sources there are now
fitting := profile sample_text salvage fit counterparts linemap bodies names module
program-plan := $(addprefix bitcode/,plan manifest march $(fitting) toolchain)
program-link := $(addprefix bitcode/,link plan_unit link_kernel link_program link_profile $(fitting) \
	applied library_calls initcalls optimize march toolchain)
recorded := recorded dominate initcall_name syscall_name
program-profile-check := bitcode/profile-check $(addprefix bitcode/,$(fitting) toolchain)
program-join := $(addprefix shaker/,join dispatch cut syscall_name) $(addprefix bitcode/,plan_unit \
	link_kernel link_profile $(fitting) applied initcalls optimize march results \
	toolchain)
program-syscalls := $(addprefix shaker/,syscalls calls native_calls values memory files passes unchanging syscall_name) \
	$(addprefix bitcode/,module results toolchain)
program-shake := $(addprefix shaker/,shake inputs assembly script native dispatch cut graph roots \
	mark sweep passes record facts rules initcall_name parameters drivers \
	syscall_name) $(addprefix bitcode/,plan_unit module results \
	toolchain library_calls)
program-why := $(addprefix shaker/,why $(recorded)) bitcode/module bitcode/toolchain
program-size := $(addprefix shaker/,size $(recorded)) bitcode/module bitcode/toolchain
program-audit := shaker/audit
program-kconfig-check := kernel/kconfig-check
loadfile := $(addprefix profiles/,loadfile loadparser loadtext load_exchange)
program-load := $(addprefix profiles/,load load_sequence load_schedule load_answer load_client load_http load_tcp \
	load_tls load_result) $(loadfile) bench/client/exchange
program-step := pipeline/step
program-pack := $(addprefix pipeline/,pack guestfiles initramfs imagespec origin units) profiles/elfmap profiles/ranges
program-seal := $(addprefix pipeline/,seal helpers segments origin units) profiles/elfmap profiles/ranges $(addprefix bitcode/,link_final plan_unit)
program-run := $(addprefix pipeline/,run running launch guest disk monitor ports probe accelerator imagespec)
program-generations := $(addprefix pipeline/,generations generation promotion imagespec profile_info origin)
program-doctor := $(addprefix pipeline/,doctor accelerator)
program-recipe-check := $(addprefix pipeline/,recipe-check recipe_text recipe_values recipe_graph probe monitor imagespec)
program-new-recipe := $(addprefix pipeline/,new-recipe recipe_survey recipe_draft) $(addprefix bitcode/,source apt lockfile spec)
checker := check check_result code countlines debuginfo instruction patched rawtext
# where a kernel waits
waits := waiting exclusions elfmap ranges
# what somebody brings from perf; libs: -lzstd
perf-readers := $(addprefix imports/,perfdata perfdata_attr perfdata_header perfdata_inflate perfdata_record \
	perfdata_sample perfevent perfinput perfkind perfscript scriptline)
program-check-profile := $(addprefix profiles/,check-profile $(checker))
program-import := $(addprefix imports/,import import_perf import_counts import_lines findings advice choice gather \
	processes quality recordfile counts addresstext) $(perf-readers) \
	$(addprefix profiles/,$(checker) $(waits) lines profdata builds) bitcode/sample_text pipeline/generation pipeline/promotion
# plain samples to ranges and branches
spreader := $(addprefix imports/,spread blocks chain estimate skid addresstext)
program-profile-store := $(addprefix profiles/,profile-store store store_add store_merge store_compare store_choose store_onward store_origin \
	store_line store_print store_lines store_addresses intake profdata lines $(waits) $(checker)) \
	$(spreader) bitcode/sample_text pipeline/generation pipeline/promotion
fleet-parts := $(addprefix fleets/,sources fields records wishes programs facts reading sketch sketchfile likeness \
	usual weights judge plan plan_print total part) imports/addresstext $(addprefix profiles/,$(checker) $(waits) builds) \
	pipeline/generation pipeline/promotion
program-fleet := fleets/fleet $(fleet-parts)
program-report := $(addprefix reports/,report report_conditions report_data report_diff report_figures report_flames \
	report_functions report_html report_latency report_peers report_promotion report_size report_sizes report_symbols report_syscalls report_tests report_tree \
	flamegraph_json flamegraph_name folded framekind frametree symbol_name) pipeline/generation pipeline/promotion
program-flamegraph := $(addprefix reports/,flamegraph flamegraph_json flamegraph_name flamegraph_svg \
	frametree framekind folded)
received := $(addprefix collector/,receiver settle sender peer protocol tally buildid notices) imports/counts \
	$(addprefix profiles/,builds rawtext countlines elfmap ranges) pipeline/generation pipeline/promotion
program-collect := $(addprefix collector/,collect outcome wire datagrams remote endpoint) $(received) pipeline/running
program-record := $(addprefix profiles/,record recording tracer_arguments annotate elfmap symbolize \
	subject exclusions ranges blockfile control fold functions) $(addprefix pipeline/,launch guest disk monitor ports probe accelerator imagespec) \
	bench/peerfile reports/symbol_name
differ := $(addprefix reports/,diff_side diff_inputs diff_symbols symbol_name symbol_table diff_surface diff_bench \
	diff_measures diff_budget diff_verdict diff_render diff_render_symbols page quantity field) \
	$(addprefix bench/,statistics conditions) $(addprefix shaker/,recorded_drivers initcall_name) \
	$(addprefix pipeline/,generation promotion guest disk monitor)
program-diff := reports/diff $(differ)
program-promote := $(addprefix pipeline/,promote promote_begin promote_check promote_found promote_decide promotion_write) $(differ)
machine := $(addprefix bench/,machine scratch) $(addprefix pipeline/,launch guest disk monitor ports probe accelerator imagespec)
program-test-app := $(addprefix pipeline/,test-app test_guest tap) $(machine)
program-measure := $(addprefix bench/,measure wall wrk memory search smaps conditions) $(machine) $(loadfile)
program-icount := $(addprefix bench/,icount_main icount icount_run script_write scratch) \
	$(loadfile) profiles/load_sequence $(addprefix pipeline/,guestfiles initramfs imagespec probe monitor)
program-benchmark := $(addprefix bench/,benchmark session measurement benchdata exact figures components table progress statistics \
	wall wrk memory search smaps conditions icount icount_run script_write) $(machine) \
	pipeline/guestfiles pipeline/initramfs $(loadfile) $(addprefix profiles/,load_sequence blockfile subject elfmap ranges) \
	bench/peerfile
program-sample := $(addprefix profiles/,sample gdbstub guestmemory unwind elfmap exclusions ranges branch \
	control) reports/folded reports/symbol_name pipeline/imagespec pipeline/running
program-host-peer := tests/host-peer collector/protocol
program-host-answers := tests/host-answers
program-peer := $(addprefix bench/,peer peer_make peer_script peer_regions peerfile survey kernel_elf needed) \
	$(addprefix bitcode/,source apt lockfile spec) \
	$(addprefix pipeline/,launch guest disk monitor ports probe accelerator imagespec initramfs guestfiles)
programs := $(patsubst program-%,%,$(filter program-%,$(.VARIABLES)))

# Libraries a program needs beyond those that the shared objects need.
include := $(shell $(LLVM_CONFIG) --includedir 2>/dev/null)
llvm := $(shell $(LLVM_CONFIG) --ldflags --libs 2>/dev/null)
libs := -ljansson -lcrypto
libs-emit := $(llvm)
libs-plan := $(llvm)
libs-link := $(llvm) -lelf
libs-profile-check := $(llvm)
libs-join := $(llvm) -lelf -lseccomp
libs-syscalls := $(llvm) -lelf -larchive -lseccomp
libs-shake := $(llvm) -lelf -lseccomp
libs-why := $(llvm) -lelf -lseccomp
libs-size := $(llvm) -lelf -lseccomp
libs-seal := -lelf
libs-capsule := -larchive -lelf
libs-pack := -larchive -lelf
libs-run := -lcurl
libs-recipe-check := -lcurl
libs-load := -lcurl -lssl
libs-test-app := -lcurl
libs-measure := -lcurl
libs-icount := -lcurl -larchive
libs-benchmark := -lcurl -larchive -lelf -ldw -lm
libs-import := $(llvm) -lelf -ldw -lzstd
libs-check-profile := $(llvm) -lelf -ldw
libs-profile-store := $(llvm) -lelf -ldw -lm
libs-fleet := $(llvm) -lelf -ldw -lm
libs-flamegraph := -lm
libs-report := -lelf -ldw -lm
libs-sample := -ldw -lelf
libs-collect := -lelf -ldw
libs-record := -lcurl -lelf
libs-diff := -lelf -lm
libs-promote := -lelf -lm
libs-peer := -lcurl -lelf -larchive

# Plugins: shared objects, made of position-independent objects of their own.
plugin-tracer := $(addprefix profiles/,tracer tracer_options tracefiles tally block blockfile rawfile \
	branch cache ranges control contexts functions stacks)
libs-tracer := -ljansson -lcrypto -lpthread
plugins := $(patsubst plugin-%,%,$(filter plugin-%,$(.VARIABLES)))

.PHONY: all
all: $(programs) $(addsuffix .so,$(plugins)) load-client

# also compiled for the host, for its unit test
guest-tested := $(addprefix bench/client/,http exchange)
objects := $(sort $(lib) $(guest-tested) $(foreach p,$(programs),$(program-$p)) $(foreach p,$(plugins),$(plugin-$p)))

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

# The program that runs inside a guest beside its app: of its own, without a C library, at an address
# where no program of an image is (bitcode/plan.c), and without floating point, whose state the kernel
# would have to keep. Optimized the same whatever our own tools are compiled with.
guest-objects := $(patsubst src/%.c,%.guest.o,$(sort $(wildcard src/bench/client/*.c)))
GUEST_CFLAGS = -std=c11 -MMD -MP $(WARNINGS) -O2 -march=x86-64 -mgeneral-regs-only -ffreestanding \
	-fno-stack-protector -fno-pie -fno-asynchronous-unwind-tables
$(guest-objects): %.guest.o: src/%.c flags
	@mkdir -p $(@D)
	@$(if $(V:0=),echo '  CC  $*.c')
	@$(CC) $(GUEST_CFLAGS) -c -o $@ $<

load-client: $(guest-objects)
	@$(if $(V:0=),echo '  LD  load-client')
	@$(CC) -static -nostdlib -fuse-ld=lld -Wl,--image-base=0x60000000 -Wl,--build-id=sha1 \
		-o $@.tmp $^ && mv $@.tmp $@
-include $(guest-objects:.o=.d)

# A changed command line rebuilds, as kbuild's if_changed does.
line := $(CC) $(ALL_CFLAGS) $(LDFLAGS) $(GUEST_CFLAGS)
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
test-disk := pipeline/disk
test-recipe := $(addprefix pipeline/,recipe_graph recipe_survey recipe_draft)
test-helpers := pipeline/helpers
test-protocol := collector/protocol
test-receiver := $(received)
test-endpoint := collector/endpoint
libs-test-receiver := -lelf -ldw
test-tap := pipeline/tap
test-probe := pipeline/probe pipeline/monitor
test-initcalls := bitcode/initcalls bitcode/module
test-names := bitcode/names bitcode/module bitcode/toolchain
test-linemap := bitcode/linemap bitcode/fit
test-segments := pipeline/segments
test-manifest := bitcode/manifest
test-assembly := shaker/assembly shaker/script
test-dominate := shaker/dominate
test-initcall-name := shaker/initcall_name
test-origin := pipeline/origin
test-promotion := $(addprefix pipeline/,generation promotion promotion_write)
test-symbol-name := reports/symbol_name
test-diff-symbols := $(differ)
test-diff-budget := $(differ)
test-page := reports/page
test-quantity := reports/quantity
libs-test-diff-symbols := -lelf -lm
libs-test-diff-budget := -lelf -lm
libs-test-quantity := -lm
test-wrk := bench/wrk $(loadfile)
test-smaps := bench/smaps
test-search := bench/search
test-conditions := bench/conditions $(addprefix pipeline/,guest disk monitor)
test-statistics := bench/statistics
test-benchdata := $(addprefix bench/,benchdata figures statistics)
test-http := bench/client/http
test-script := bench/script_write $(loadfile) profiles/load_sequence
test-icount := bench/icount_run bench/script_write bench/scratch \
	pipeline/guestfiles pipeline/initramfs pipeline/imagespec \
	$(loadfile) profiles/load_sequence
test-client := $(test-icount)
libs-test-icount := -larchive
libs-test-client := -larchive
test-loadtext := profiles/loadtext
test-exchange := bench/client/exchange
test-loadfile := $(loadfile)
test-load-sequence := $(loadfile) profiles/load_sequence
test-load-schedule := profiles/load_schedule
test-load-answer := $(loadfile) profiles/load_answer
test-load-result := $(loadfile) profiles/load_result
test-rawtext := profiles/rawtext profiles/countlines
test-addresstext := imports/addresstext profiles/countlines
test-chain := imports/chain
test-spread := $(spreader) $(addprefix profiles/,$(checker))
libs-test-chain := -lm
libs-test-spread := $(llvm) -lelf -ldw
test-counts := imports/counts profiles/rawtext profiles/countlines
test-gather := $(addprefix imports/,gather choice processes counts) $(addprefix profiles/,$(checker) builds elfmap ranges) \
	pipeline/generation pipeline/promotion
libs-test-gather := $(llvm) -lelf -ldw
test-builds := $(addprefix profiles/,builds elfmap ranges) pipeline/generation pipeline/promotion
libs-test-builds := -lelf -ldw
test-check := $(addprefix profiles/,$(checker))
test-branch := profiles/branch
test-cache := profiles/cache
test-functions := profiles/functions
test-contexts := profiles/contexts
test-stacks := $(addprefix profiles/,stacks contexts block branch)
test-fold := $(addprefix profiles/,fold functions elfmap exclusions ranges) reports/symbol_name
test-block := profiles/block profiles/tally profiles/branch
test-control := profiles/control
test-rawfile := profiles/rawfile
test-tracer-options := profiles/tracer_options profiles/ranges profiles/cache
test-blockfile := profiles/blockfile
libs-test-statistics := -lm
libs-test-benchdata := -lm
test-gdbstub := $(addprefix profiles/,gdbstub guestmemory control)
test-folded := reports/folded
test-frametree := $(addprefix reports/,frametree framekind folded flamegraph_json flamegraph_name)
test-report-tree := reports/report_tree reports/report_html
test-report-html := reports/report_html
libs-test-report-tree := -lm
libs-test-report-html := -lm
test-guest-units := collector/guest/units
test-guest-table := $(addprefix collector/guest/,table units)
test-guest-sample := $(addprefix collector/guest/,sample table units)
test-guest-channel := $(addprefix collector/,guest/channel guest/text protocol)
test-guest-collector := $(addprefix collector/,$(addprefix guest/,channel outbox sample table text units) protocol)
test-guest-sampler := $(addprefix collector/guest/,sampler sample table units)
test-peerfile := bench/peerfile
fleet-tests := records wishes weights likeness judge total sketch facts
$(foreach t,$(fleet-tests),$(eval test-fleet-$t := $(fleet-parts))$(eval libs-test-fleet-$t := $(llvm) -lelf -ldw -lm))
test-survey := bench/survey $(addprefix pipeline/,launch guest disk monitor ports probe accelerator imagespec)
test-peer-script := bench/peer_script
libs-test-branch := $(llvm)
libs-test-fold := -lelf
libs-test-contexts := -lpthread
libs-test-initcalls := $(llvm)
libs-test-names := $(llvm)
libs-test-segments := -lelf
libs-test-probe := -lcurl
libs-test-survey := -lcurl
libs-test-check := $(llvm) -lelf -ldw
test-perfdata := $(perf-readers)
test-perfscript := $(perf-readers)
test-perflayout := $(perf-readers)
libs-test-perfdata := -lzstd
libs-test-perfscript := -lzstd
libs-test-perflayout := -lzstd
# perf.data for tests that no machine here would write
test-programs := perfgen guest-peer generate-recordings
perfgen := tests/perfgen/perfgen tests/perfgen/walk tests/perfgen/datafile \
	$(addprefix profiles/,code debuginfo instruction)
libs-perfgen := $(llvm) -lelf -ldw -lzstd
# a guest whose collector behaves or does not
guest-peer := tests/guest-peer collector/endpoint collector/buildid collector/protocol imports/counts \
	$(addprefix profiles/,builds rawtext countlines elfmap ranges) pipeline/generation pipeline/promotion
libs-guest-peer := -lelf -ldw
# recordings of a fleet that never was
generate-recordings := tests/generate/recordings $(addprefix profiles/,$(checker))
libs-generate-recordings := $(llvm) -lelf -ldw -lm

unit-tests := $(patsubst src/tests/unit/%.c,%,$(sort $(wildcard src/tests/unit/test_*.c)))

.PHONY: unit
unit: $(unit-tests) $(test-programs)

# what no program is made of yet is made for its test
test-objects := $(addprefix tests/unit/,$(unit-tests)) \
	$(filter-out $(objects),$(sort $(foreach t,$(unit-tests) $(test-programs),$($(subst _,-,$t)))))
$(addsuffix .o,$(test-objects)): %.o: src/%.c flags
	@mkdir -p $(@D)
	@$(CC) $(ALL_CFLAGS) -Isrc -I$(include) -c -o $@ $<

define unit-rule
$1: tests/unit/$1.o $(addsuffix .o,$($(subst _,-,$1)) $(lib))
	@$(CC) $(SANITIZE) $(LDFLAGS) -o $$@.tmp $$^ $(libs-$(subst _,-,$1)) $(libs) -lcmocka && mv $$@.tmp $$@
endef
$(foreach t,$(unit-tests),$(eval $(call unit-rule,$t)))
define test-program-rule
$1: $(addsuffix .o,$($1) $(lib))
	@$(CC) $(SANITIZE) $(LDFLAGS) -o $$@.tmp $$^ $(libs-$1) $(libs) && mv $$@.tmp $$@
endef
$(foreach t,$(test-programs),$(eval $(call test-program-rule,$t)))
-include $(addsuffix .d,$(test-objects))

#
# Fuzz drivers: tests/fuzz/X.c with the objects it feeds, instrumented, so of their own
#
fuzz-perfdata := $(perf-readers)
fuzz-perfscript := $(perf-readers)
fuzz-rawtext := profiles/rawtext profiles/countlines
fuzz-addresses := imports/addresstext profiles/countlines
fuzz-loadfile := $(loadfile) profiles/load_sequence bench/client/exchange
fuzz-tap := pipeline/tap
fuzz-protocol := collector/protocol
fuzz-receiver := $(received)
libs-fuzz-receiver := -lelf -ldw
fuzz-fleet := $(fleet-parts)
libs-fuzz-fleet := $(llvm) -lelf -ldw -lm
libs-fuzz-perfdata := -lzstd
libs-fuzz-perfscript := -lzstd
fuzz-drivers := $(patsubst fuzz-%,%,$(filter-out fuzz-drivers fuzz-objects fuzz-rule,$(filter fuzz-%,$(.VARIABLES))))

FUZZ_SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined
fuzz-objects := $(sort $(lib) $(foreach f,$(fuzz-drivers),tests/fuzz/$f $(fuzz-$f)))
$(addsuffix .fuzz.o,$(fuzz-objects)): %.fuzz.o: src/%.c flags
	@mkdir -p $(@D)
	@$(if $(V:0=),echo '  CC  $*.c')
	@$(CC) $(filter-out $(SANITIZE),$(ALL_CFLAGS)) $(FUZZ_SANITIZE) -fsanitize=fuzzer-no-link -Isrc -I$(include) -c -o $@ $<

.PHONY: fuzz-drivers
fuzz-drivers: $(addprefix fuzz-,$(fuzz-drivers))

define fuzz-rule
fuzz-$1: $(addsuffix .fuzz.o,tests/fuzz/$1 $(fuzz-$1) $(lib))
	@$(CC) $(FUZZ_SANITIZE) -fsanitize=fuzzer $(LDFLAGS) -o $$@.tmp $$^ $(libs-fuzz-$1) $(libs) && mv $$@.tmp $$@
endef
$(foreach f,$(fuzz-drivers),$(eval $(call fuzz-rule,$f)))
-include $(addsuffix .fuzz.d,$(fuzz-objects))
