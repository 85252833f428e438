# make promote, make rollback: a generation is marked good only if it passes all checks

# How often it has to boot, and how much worse than the promoted one it may be.
BOOTS ?= 3
BUDGET ?=
WHY ?=

G = $(B)/promotion
PROMOTE = "$(TOOLS)/promote" --out "$(O)" --app "$(APP)" --results "$(G)"
planned = "$$("$(TOOLS)/promote" --results "$(G)" plan $1)"

gate-steps = boot tests audit bench budget
title-gate-boot = boot, $(BOOTS) times
command-gate-boot = $(PROMOTE) --times "$(BOOTS)" --console "$(G)/boot.console" --facts "$(G)/boot.run.json" \
	check boot "$(TOOLS)/run" --prove --image "$(gate-image)" --spec "$(gate-spec)" \
	--log "$(G)/boot.console" --result "$(G)/boot.run.json"

# The recipe's loads, every answer checked, and what it has of tests of its own.
harness = pipeline/audit.sh "$(TOOLS)/run" "$(gate-image)" "$(gate-spec)"
title-gate-tests = app tests
command-gate-tests = env LOAD_TOOL="$(TOOLS)/load" LOADS="$(foreach l,$(loads),$(load-directory)/$l.load)" \
	RESULTS="$(G)" $(PROMOTE) --console "$(G)/loads.console" --console "$(G)/tests.console" \
	--facts "$(O)/$(APP)/$(gate-number)/tests.json" \
	--needs "$(or $(app-tests),$(firstword $(wildcard $(load-directory)/*.load)),$(load-directory)/train.load)" \
	--hint "what $(APP) is asked, with the answers; docs/loads.md explains it" \
	check tests sh -euc '$(if $(loads),$(harness) pipeline/loads.sh "$(G)/loads.console";) \
	$(if $(app-tests),$(TEST_APP) --generation "$(O)/$(APP)/$(gate-number)" --console "$(G)/tests.console";) :'

title-gate-audit = audit: rare operations
command-gate-audit = $(PROMOTE) --console "$(G)/audit.console" --needs "$(dir $(RECIPE_$(APP)))audit.sh" \
	--hint "what $(APP) is asked to do; docs/shaker.md explains it" \
	check audit $(harness) "$(dir $(RECIPE_$(APP)))audit.sh" "$(G)/audit.console"

title-gate-bench = bench, in turn
command-gate-bench = $(PROMOTE) check bench sh -euc 'exec 9>"$(B)/.bench.lock"; \
	flock -n 9 || { echo "error: $(APP) is being measured in $(O) already" >&2; exit 126; }; \
	exec $(BENCH) --only "$(gate-kinds)" "$(O)/$(APP)/$(gate-against)" "$(O)/$(APP)/$(gate-number)"'

gate-load = $(filter-out $(bench-load-of-recipe),$(bench-load))
title-gate-budget = compare
command-gate-budget = $(PROMOTE) --facts "$(O)/$(APP)/diff-$(gate-against)-$(gate-number)$(addprefix -,$(gate-load)).json" \
	check budget "$(TOOLS)/diff" --out "$(O)" --app "$(APP)" --from "$(gate-against)" --to "$(gate-number)" \
	$(addprefix --load=,$(gate-load)) --budget "$(gate-budget)" --lines 1

define run-gate-step
@"$(TOOLS)/step" --number $2 --of $(words $(gate-steps)) --title '$(title-gate-$1)' \
	--log "$(B)/log/gate-$1" -- $(command-gate-$1)

endef

# "begin" writes no plan if there is nothing to do.
promote: known-app $(if $(loads),known-bench-load) tools
	@mkdir -p "$(B)/log"; exec 9>"$(B)/.promote.lock"; flock -n 9 || { \
		echo "error: a generation of $(APP) is being checked in $(O) already" >&2; exit 2; }; \
	$(PROMOTE) --generation "$(GEN)" --budget "$(BUDGET)" --why "$(WHY)" $(if $(filter 1,$(FORCE)),--force) begin; \
	[ ! -f "$(G)/plan.json" ] || $(MAKE) gate \
		gate-number=$(call planned,generation) gate-against=$(call planned,against) \
		gate-kinds=$(call planned,kinds) gate-budget=$(call planned,budget)

.PHONY: gate
gate: gate-image = $(O)/$(APP)/$(gate-number)/image
gate: gate-spec = $(O)/$(APP)/$(gate-number)/image.spec
gate: known-app
	$(foreach i,$(call numbers,$(gate-steps)),$(call run-gate-step,$(word $i,$(gate-steps)),$i))
	@$(PROMOTE) $(if $(filter json,$(FORMAT)),--json) decide

# The promoted mark goes back; the generation that had it stays.
rollback: known-app tools
	@$(PROMOTE) --generation "$(call given,GEN)" --why "$(WHY)" rollback
