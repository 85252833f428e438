# make bench: generations measured in turn

RUNS ?= 5
REQUESTS ?= 5000
SECONDS ?= 2
KINDS ?= exact,boot,wall,stacks,icount,memory

# What the user said, or else the recipe's load and the last two generations.
said = $(filter command environment,$(firstword $(origin $1)))
bench-load-of-recipe = $(or $(call get,$(APP),BENCH_LOAD),judge)
bench-load = $(if $(call said,LOAD),$(LOAD),$(bench-load-of-recipe))
bench-generations = $(if $(call said,GEN),$(GEN),$$($(GENERATIONS) --count 2 numbers))

.PHONY: known-bench-load
known-bench-load: known-app
ifeq ($(filter $(bench-load),$(loads)),)
	@echo "error: $(APP) has no load '$(bench-load)'; there are: $(or $(loads),none. Write \
	$(load-directory)/$(bench-load).load; docs/loads.md explains it)" >&2; exit 2
endif

BENCH = "$(TOOLS)/benchmark" --load "$(load-directory)/$(bench-load).load" --load-name "$(bench-load)" \
	--default-load "$(bench-load-of-recipe)" --runs "$(RUNS)" --requests "$(REQUESTS)" \
	--seconds "$(SECONDS)" $(if $(RATE),--rate "$(RATE)") --only "$(KINDS)" \
	--format "$(or $(FORMAT),text)" --log "$(B)/log/bench"

# One measurement at a time: two would disturb each other.
bench: known-bench-load tools
	@mkdir -p "$(B)/log"; exec 9>"$(B)/.bench.lock"; flock -n 9 || { \
		echo "error: $(APP) is being measured in $(O) already" >&2; exit 2; }; \
	rm -f -- "$(B)/log/bench"; generations="$(bench-generations)"; set --; \
	for generation in $$generations; do \
		set -- "$$@" "$$($(GENERATIONS) --generation "$$generation" path)"; done; \
	status=0; $(BENCH) "$$@" || status=$$?; \
	case $$status in 0) echo "next: make diff APP=$(APP), make report APP=$(APP)" >&2 ;; esac; exit $$status
