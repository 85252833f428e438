# Tests. check takes seconds; test is everything, and builds the image it boots.
# Each suite prints TAP; tests/run.sh counts, and its last line is the verdict.

.PHONY: unit
unit: tools
	@flock "$(TOOLS)/.lock" $(MAKE) -C "$(TOOLS)" -f src/tools.mk -j$(JOBS) V=$(V) unit

RUN_TESTS = TOOLS="$$(realpath "$(TOOLS)")" OUT="$$(realpath -m "$(O)")" JOBS=$(JOBS) tests/run.sh

check: check-recipes unit
	@$(RUN_TESTS) unit bitcode shake quick

# TESTS= names suites (unit bitcode shake quick cli boot browser; apps builds an image of each app, for
# an hour, and runs their upstreams' tests: only if it is named), FILTER= a pattern of test names.
test: check-recipes unit
	$(if $(TESTS),,@echo "# not among these: apps, an image of each app and its upstream tests: make test TESTS=apps")
	@$(RUN_TESTS) $(or $(TESTS),unit bitcode shake quick cli boot browser)

# Drivers of libFuzzer. TARGET= names some (all, one after the other), SECONDS= is how long each runs,
# RUNS= how many inputs each gets instead.
fuzz-targets = $(or $(TARGET),$(patsubst tests/fuzz/%.c,%,$(sort $(wildcard tests/fuzz/*.c))))
fuzz: tools
	@for t in $(fuzz-targets); do [ -e tests/fuzz/$$t.c ] || { echo "error: there is no fuzz driver '$$t'; there are" \
		$(patsubst tests/fuzz/%.c,%,$(sort $(wildcard tests/fuzz/*.c))) >&2; exit 64; }; done
	@flock "$(TOOLS)/.lock" $(MAKE) -C "$(TOOLS)" -f src/tools.mk -j$(JOBS) V=$(V) $(addprefix fuzz-,$(fuzz-targets))
	@tests/fuzz.sh "$$(realpath "$(TOOLS)")" "$$(realpath -m "$(O)/fuzz")" "$(if $(RUNS),$(RUNS)runs,$(call given,SECONDS,60))" \
		$(fuzz-targets)

lint: tools
	@tests/lint.sh
