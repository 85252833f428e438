# The index of every goal. make decides when something runs; the C tools decide
# what happens. What a user may set:
#
#   APP=name MACHINE=microvm MARCH=x86-64-v2 SHAKE=0|syscalls|full CPU=any|intel|amd PROFILE=auto|none|ID COLLECT=0|1 O=out
#   V=0|1|2 JOBS=n PORT=8080 MEM=64M
#   ANNEAL_CACHE in the environment

O ?= out
V ?= 0
JOBS ?= $(shell nproc)
MACHINE ?= microvm
MARCH ?= x86-64-v2
PORT ?= 8080
SHAKE ?= full
CPU ?= any
PROFILE ?= auto
COLLECT ?= 0

MAKEFLAGS += -rR --no-print-directory
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
SHELL := /bin/sh
.SHELLFLAGS := -euc
export V

CACHE := $(shell realpath -m "$${ANNEAL_CACHE:-$${XDG_CACHE_HOME:-$$HOME/.cache}/anneal}")
LOCK := sources.lock

# No path of the user's is ever a target or a word of make's: they may hold
# spaces. Recipes quote these.
TOOLS := $(O)/tools
# What belongs to one app and may be made again.
B := $(O)/$(APP)/build

include recipes/recipe.mk

# $(call given,NAME,DEFAULT): what the user said, for variables whose default is the goal's.
given = $(if $(filter-out undefined file default,$(origin $1)),$($1),$2)

# The one table of goals: what help prints, and what is declared .PHONY. A word
# that ends with a colon is a goal; a test compares it with the rules there are.
define HELP
usage: make GOAL APP=name [VARIABLE=value ...]          apps are $(APPS)

get ready
  setup:         install what packages.txt lists (root), or print the command
  setup-browser: install a browser (root), for the tests of pages
  doctor:        what this machine can build, run and profile
  help:          this text

build
  list:          the recipes
  source:        fetch and check all that APP needs; later builds need no network
  image:         build APP's bootable image, boot it once, keep it as a generation

use
  run:           boot APP here, console on the terminal    PORT=8080 MEM=64M GEN=latest ARGS=
  info:          what an image was made from, its size by part      GEN=latest FORMAT=json
  why:           why SYM is in APP's kernel, or why not: a function, initcall or system call
  size:          what takes the space   BY=part|subsystem|driver|syscall|symbol LINES=25
  audit:         APP's load and rare operations on the unshaken kernel: is what they use kept?
  test-app:      the recipe's tests of the running app, in recipes/APP/tests   GEN=latest TESTS=names
  generations:   what was built, with size and boot time      APP= (all if left out) FORMAT=json

profile
  profile:          run a load on APP under the tracer, keep what was counted   LOAD=train GEN=latest
  profiles:         the profiles of APP: from what, how good   FORMAT=json
  profile-merge:    one of several, with weights   IDS="one=2 other=1"
  profile-compare:  how alike two are   IDS="one other"
  import:           counts from real machines: perf.data, perf script, raw counts, an AutoFDO profile
                    PERF=file WEIGHT=1 GEN=n (only if the file has no build ids)
  profile-check:    does PROFILE still fit what would be linked now, or generation GEN? For CI: fails if not
                    PROFILE=auto GEN= FORMAT=json WARN=90 REFUSE=50 (percent)
  collect:          what the collectors in guests count, received and kept   SECONDS=60 RATE=1000 WAIT=15 KEEP=dir
                    FROM="socket host:port" (the guest that runs)  LISTEN="udp:127.0.0.1:4040 tcp:..."
  fleet:            one of the recordings of many hosts   RECORDS="dirs or a list file" WEIGHTS=file KEEP_OUTLIERS=1

measure
  bench:         count and time a load on generations in turn   GEN="0 1" (the last two) LOAD= RUNS=5
  diff:          what changed between two generations   FROM=0 TO=7 (the last two if left out) LOAD=
                 FORMAT=text|md|json LINES=25 THRESHOLD=bytes BUDGET='size<=+1% instructions<=+0%'
  flamegraph:    where the instructions go, kernel and app, as a picture   METHOD=trace|sample (sample if
                 APP runs) GEN= LOAD=train SECONDS=10 RATE=100 FROM=unix:path of a gdb stub
  report:        all that was measured, as one HTML page that needs nothing besides   FROM= TO= (the last two)
  peers:         build images of others to compare with: Debian, gcc      PEERS= (all)
  bench-peers:   these and ours, unshaken, shaken and with a profile, measured in turn      PEERS= RUNS=3

promote
  promote:       mark a generation good if it passes boot, tests, audit and a budget against the promoted one
                 GEN=latest BUDGET= BOOTS=3 FORCE=1 WHY='...' FORMAT=json; GEN=promoted names it for all goals
  rollback:      the mark goes back to the one promoted before   GEN= WHY='...'

test
  check:         the tests that take seconds
  test:          every test: units, command line, capsules, boots
  fuzz:          feed the parsers what is no input   TARGET= (all) SECONDS=60 or RUNS= each
  check-recipes: misspelt and missing variables in recipes
  lint:          style of C, make, shell and text

clean
  clean:         APP's build, its generations and profiles     FORCE=1 if a generation is promoted
  distclean:     all of O=, and the cache but for downloaded sources    FORCE=1 as well

variables
  MARCH=$(MARCH)    x86-64, x86-64-v2, -v3, -v4 or native: for app and libraries
  MACHINE=$(MACHINE)      kernel/machines has them
  SHAKE=$(SHAKE)        full, syscalls (only these are dropped from the kernel) or 0 (nothing is)
  PROFILE=$(PROFILE)      auto (the newest good one; of promoted generations, if there is one), none, or an id of "make profiles"
  COLLECT=$(COLLECT)        1: a collector of profiles inside the image, for make collect
  CPU=$(CPU)          any, intel or amd: the vendor of the processors the image will run on
  FILES=dir         laid over the recipe's files: your own pages and configuration
  RECIPES=dirs      further recipes      O=$(O)   V=0|1|2 (1 commands, 2 reasons)   JOBS=$(JOBS)
  ANNEAL_CACHE in the environment, now $(CACHE)
endef
GOALS := $(patsubst %:,%,$(filter %:,$(HELP)))
.PHONY: $(GOALS)

include pipeline/image.mk
include pipeline/use.mk
include profiles/profiles.mk
include imports/imports.mk
include collector/collector.mk
include fleets/fleets.mk
include bench/bench.mk
include bench/peers.mk
include reports/reports.mk
include pipeline/gate.mk
include tests/tests.mk

#
# help and setup
#
help:
	$(info $(HELP))
	@:

# 1 2 3 ... as many as there are words.
numbers = $(if $1,$(words $2 x) $(call numbers,$(wordlist 2,999,$1),$2 x))

setup:
	@pipeline/setup.sh

# Only tests/browser needs one; without it those tests are skipped.
setup-browser:
	@pipeline/setup.sh packages-browser.txt

# Diagnoses first: it installs nothing, and needs only a compiler to say all it can.
doctor:
	@pipeline/setup.sh --check || { [ -x "$(TOOLS)/doctor" ] || command -v clang-19 >/dev/null || exit 1; }
	@$(MAKE) build-tools && "$(TOOLS)/doctor" "$(CACHE)" "$(O)"

# The C tools. Two makes at once take turns.
.PHONY: tools build-tools
tools: setup
	@$(MAKE) build-tools

build-tools:
	@mkdir -p "$(TOOLS)"
	@ln -sfn "$$(realpath .)" "$(TOOLS)/src"
	@flock "$(TOOLS)/.lock" $(MAKE) -C "$(TOOLS)" -f src/tools.mk -j$(JOBS) V=$(V)

#
# Cleaning
#
# Promoted generations are what is deployed: nobody removes them by accident.
clean-needs-force = @for mark in $1; do \
	{ [ ! -L "$$mark" ] || [ "$(FORCE)" = 1 ]; } || { \
	echo "error: generation $$(readlink "$$mark") is promoted ($$mark): $@ would remove it for good, with all other" \
		"generations, their promotions and all profiles" >&2; \
	echo "hint: FORCE=1 removes them; '$(O)/APP/build' alone can be made again" >&2; exit 2; }; done

clean: known-app
	$(call clean-needs-force,"$(O)/$(APP)/promoted")
	@rm -rf -- "$(O)/$(APP)"

distclean:
	$(call clean-needs-force,"$(O)"/*/promoted)
	@rm -rf -- "$(O)" "$(CACHE)/capsules" "$(CACHE)/objects" "$(CACHE)/links" "$(CACHE)/results" "$(CACHE)/build" "$(CACHE)/apt"
