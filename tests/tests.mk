# Tests. check takes seconds; test is everything, and builds the image it boots.
# Each suite prints TAP; tests/run.sh counts, and its last line is the verdict.

.PHONY: unit
unit: tools
	@flock "$(TOOLS)/.lock" $(MAKE) -C "$(TOOLS)" -f src/tools.mk -j$(JOBS) V=$(V) unit

RUN_TESTS = TOOLS="$$(realpath "$(TOOLS)")" OUT="$$(realpath -m "$(O)")" JOBS=$(JOBS) tests/run.sh

check: check-recipes unit
	@$(RUN_TESTS) unit bitcode shake quick

# TESTS= names suites (unit bitcode shake quick cli boot browser), FILTER= a pattern of test names.
test: check-recipes unit
	@$(RUN_TESTS) $(or $(TESTS),unit bitcode shake quick cli boot browser)

lint: tools
	@tests/lint.sh
