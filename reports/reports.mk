# Reports: what was measured, compared and drawn; nothing is measured here

# make flamegraph: stacks of kernel and app, from the tracer (exact) or from a guest that runs.
METHOD ?=
flamegraph-methods = trace sample
running = $(O)/$(APP)/run.json
sample-running = "$(TOOLS)/sample" --running "$(running)"
# A generation that the user names; else the one that runs, or the latest.
named-generation = $(call given,GEN)

.PHONY: known-method
known-method:
ifneq ($(filter-out $(flamegraph-methods),$(METHOD)),)
	@echo "error: METHOD=$(METHOD) is not known; there are: $(flamegraph-methods)" >&2; exit 2
endif

# Both files appear at the end, or none.
flamegraph: known-app known-method tools
	@mkdir -p "$(B)"; exec 9>"$(B)/.flamegraph.lock"; flock -n 9 || { \
		echo "error: a flame graph of $(APP) is being made in $(O) already" >&2; exit 2; }; \
	new="$(B)/flamegraph"; rm -rf -- "$$new"; trap 'rm -rf -- "$$new"' EXIT; \
	method="$(METHOD)"; generation="$(GEN)"; \
	[ -n "$$method" ] || if [ -n "$(FROM)" ] || $(sample-running) --query >/dev/null; \
		then method=sample; else method=trace; fi; \
	[ $$method = trace ] || [ -n "$(FROM)$(named-generation)" ] || \
		generation=$$($(sample-running) --query) || generation=latest; \
	directory=$$($(GENERATIONS) --generation "$$generation" path); number=$$(basename "$$directory"); \
	$(MAKE) flamegraph-$$method DIRECTORY="$$directory" NUMBER="$$number" NEW="$$new"; \
	for kind in folded svg; do \
		mv -f -- "$$new/$$kind" "$(O)/$(APP)/flamegraph-$$number.$$kind"; \
		echo "$(O)/$(APP)/flamegraph-$$number.$$kind"; done

.PHONY: flamegraph-trace flamegraph-sample
flamegraph-trace: known-load
	@"$(TOOLS)/record" --generation "$(DIRECTORY)" --stacks --output "$(NEW)" --load-name "$(LOAD)" \
		--load '"$(TOOLS)/load" --file "$(load-directory)/$(LOAD).load" --ports "$$PORTS"'
	@mv -- "$(NEW)/stacks.folded" "$(NEW)/folded"
	@"$(TOOLS)/flamegraph" --title "$(APP), generation $(NUMBER), load $(LOAD)" --unit instructions \
		--output "$(NEW)/svg" "$(NEW)/folded"

flamegraph-sample:
	@mkdir -p "$(NEW)"
	@"$(TOOLS)/sample" $(if $(FROM),--from "$(FROM)",--running "$(running)") --generation "$(DIRECTORY)" \
		--seconds "$(call given,SECONDS,10)" --rate "$(call given,RATE,100)" --output "$(NEW)/folded"
	@"$(TOOLS)/flamegraph" --title "$(APP), generation $(NUMBER), sampled" --unit samples \
		--output "$(NEW)/svg" "$(NEW)/folded"

# make report: all that was measured, as one page. FROM and TO as for make diff, which it runs first.
report: known-app tools
	@"$(TOOLS)/report" --out "$(O)" --app "$(APP)" --from "$(FROM)" --to "$(TO)" \
		--diff "$(TOOLS)/diff" --output "$(O)/$(APP)/report.html"

# The load that a user names, if it is not the recipe's (bench/bench.mk).
report-load = $(addprefix --load=,$(filter-out $(bench-load-of-recipe),$(call given,LOAD)))

diff: known-app tools
	@"$(TOOLS)/diff" --out "$(O)" --app "$(APP)" --from "$(FROM)" --to "$(TO)" $(report-load) \
		--budget "$(BUDGET)" --format "$(or $(FORMAT),text)" --lines "$(LINES)" \
		--threshold "$(or $(THRESHOLD),0)"
